"""`manage.py test`: every test, on whatever machine this is."""

import os
from collections.abc import Sequence

from ops.testing.tools import TOOLS, install_missing

WORKERS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def test(arguments: Sequence[str]) -> int:
    """Arguments go to pytest, which knows three more of ours: --faults, --full, --require-browser.

    A whole run has two workers; each takes a file of tests at a time, so that what a file shares is made once.
    """
    for tool in install_missing(TOOLS.values()):
        print(f"helpdesk: {tool.name} is missing and cannot be installed here: its tests are skipped", flush=True)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # pytest-django reads its own option
    import pytest

    is_whole = all(argument.startswith("-") for argument in arguments)
    return int(pytest.main([*(WORKERS if is_whole else ()), *arguments]))
