from typing import Any

from django.core.management.base import BaseCommand

from ops import prepare


class Command(BaseCommand):
    help = "Brings tables, translations and static files up to date. Run it once before the roles of a new version."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare.everything(self.stdout.write)
