from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.services import counters

MOST_NAMED = 20


class Command(BaseCommand):
    help = "`counters rebuild` counts the tickets of every queue, team and person anew and says what was wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild"])

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = counters.rebuild()
        for key, (was, is_now) in list(wrong.items())[:MOST_NAMED]:
            self.stdout.write(f"{key}: {was}, now {is_now}")
        if len(wrong) > MOST_NAMED:
            self.stdout.write(f"and {len(wrong) - MOST_NAMED} more")
        self.stdout.write(f"{len(wrong)} counters were wrong" if wrong else "every counter was right")
