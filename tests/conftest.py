"""What holds for every test."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate


@pytest.fixture(scope="session", autouse=True)
def _addresses() -> None:
    """Settled once a process, and by the first request: read before a story switches the demo off."""
    import_module("helpdesk.urls")


@pytest.fixture(scope="session", autouse=True)
def _catalogue() -> None:
    """A test with transactions of its own empties the tables; what migrations brought into them is brought again."""
    post_migrate.connect(_sown, sender=apps.get_app_config("assurance"))


def _sown(**_: Any) -> None:
    if not apps.get_model("assurance", "ActionKind").objects.exists():
        import_module("assurance.migrations.0003_catalogue").seed(apps, None)
        import_module("assurance.migrations.0006_begin_anew").word(apps, None)
