"""`manage.py test`: every test, on whatever machine this is."""

import os
from collections.abc import Sequence

from ops.testing.tools import TOOLS, install_missing


def test(arguments: Sequence[str]) -> int:
    """Arguments go to pytest, which knows three more of ours: --faults, --full, --require-browser."""
    for tool in install_missing(TOOLS.values()):
        print(f"helpdesk: {tool.name} is missing and cannot be installed here: its tests are skipped", flush=True)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # pytest-django reads its own option
    import pytest

    return int(pytest.main(list(arguments)))
