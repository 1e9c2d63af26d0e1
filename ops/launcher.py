"""Which command needs what before Django reads its settings."""

import sys
from collections.abc import Sequence

from ops import installation
from ops.embedded.process import CannotStart

TOUCH_NO_SERVER = {"help", "check", "version", "makemessages", "compilemessages", "collectstatic", "diffsettings"}
TOUCH_NO_SERVER |= {"makemigrations", "startapp", "-h", "--help", "--version"}


def run(argv: Sequence[str]) -> int | str:
    command = argv[1] if len(argv) > 1 else "help"
    if command == "up":
        from ops.up import up

        return up()
    if command == "test":
        from ops.testing.command import test

        return test(argv[2:])
    if command == "lint":
        from ops.lint.command import lint

        return lint(argv[2:])
    if command == "doctor":
        from ops.doctor import doctor

        return doctor(argv[2:])
    return _django(argv, touches_servers=command not in TOUCH_NO_SERVER and "--help" not in argv)


def _django(argv: Sequence[str], touches_servers: bool) -> int | str:
    from django.core.management import execute_from_command_line

    installation.settle_defaults()
    if not touches_servers:
        installation.name_servers()
        execute_from_command_line(list(argv))
        return 0
    try:
        with installation.servers_for_a_command():
            execute_from_command_line(list(argv))
    except CannotStart as reason:
        return f"helpdesk: {reason}"
    except BrokenPipeError:
        sys.stderr.close()
    return 0
