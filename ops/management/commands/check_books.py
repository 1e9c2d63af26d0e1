from typing import Any

from django.core.management.base import BaseCommand

from core.clock import now
from ops.recount import recount


class Command(BaseCommand):
    help = "Recounts the desk's books in full: every mail, ticket, journal, counter and file. Exit code 1 when red."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        counted = recount(now=now())
        for line in counted:
            self.stdout.write(f"{'red  ' if line.is_red else 'green'}  {line.name}  {line.count or ''}".rstrip())
        if any(line.is_red for line in counted):
            raise SystemExit(1)
