#!/usr/bin/env python3
"""The one entry point: `up`, `test`, `bench`, `lint`, `doctor`, and every command of Django."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  before anything that an old Python cannot read
    sys.exit("helpdesk needs Python 3.11 or newer; this is %d.%d" % sys.version_info[:2])  # noqa: UP031


def main():  # type: () -> None
    from ops import bootstrap

    bootstrap.enter(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

    from helpdesk import env
    from ops import launcher

    if sys.argv[1:2] != ["test"]:
        env.load_dotenv(bootstrap.ROOT / ".env")
    sys.exit(launcher.run(sys.argv))


if __name__ == "__main__":
    main()
