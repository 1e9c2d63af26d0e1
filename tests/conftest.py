"""What holds for every test."""

from importlib import import_module

import pytest


@pytest.fixture(scope="session", autouse=True)
def _addresses() -> None:
    """Settled once a process, and by the first request: read before a story switches the demo off."""
    import_module("helpdesk.urls")
