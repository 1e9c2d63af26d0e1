import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from core.clock import now
from customers import import_queries as queries
from customers import import_words as words
from customers.import_queries import RunView
from customers.policies.columns import ImportKind
from customers.policies.importing import Verdict
from customers.services import import_work, importing
from staff.actor import Actor
from staff.roles import Role

OPERATOR = Actor(key="command line", role=Role.ADMIN)
MOST_TOLD = 1000


class Command(BaseCommand):
    help = "Imports customers from a CSV file. Without --apply it only says what each line would do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=[kind.value for kind in ImportKind])
        parser.add_argument("--apply", action="store_true", help="put the good lines on file; bad ones stay out")

    def handle(self, *args: Any, file: Path, kind: str, apply: bool, **options: Any) -> None:
        try:
            public_id = importing.take(file.read_bytes(), filename=file.name, kind=ImportKind(kind), by=OPERATOR)
            looked = queries.run(OPERATOR, public_id)
            unknown = [h for h, field in zip(looked.headers, looked.mapping, strict=True) if not field]
            if unknown:
                self.stdout.write(f"left out: {', '.join(unknown)}")
            importing.begin_reading(public_id, mapping=looked.mapping, by=OPERATOR, applies_at_once=apply)
        except importing.Refused as refusal:
            raise CommandError(words.word(words.REFUSALS, refusal.code)) from refusal
        except OSError as reason:
            raise CommandError(str(reason)) from reason
        run = _worked(public_id)
        self._tell_bad(public_id)
        counts = dict(run.counts)
        self.stdout.write(", ".join(f"{code}: {count}" for code, count in counts.items()) + f", applied: {run.applied}")
        if not apply:
            importing.stop(public_id, by=OPERATOR, now=now())
        if run.failure:
            raise CommandError(words.word(words.REFUSALS, run.failure))
        if counts[Verdict.BAD]:
            raise CommandError(f"{counts[Verdict.BAD]} bad lines stayed out")

    def _tell_bad(self, public_id: UUID) -> None:
        for line in queries.lines(OPERATOR, public_id, verdict=Verdict.BAD, limit=MOST_TOLD):
            for field, code, cell in line.problems:
                what, cure = words.problem(code, cell)
                self.stdout.write(f"line {line.number}: {words.word(words.FIELDS, field)}: {what}. {cure}")


def _worked(public_id: UUID) -> RunView:
    """The run at its end. A worker of the desk may do some of its slices, too."""
    before = None
    while (run := queries.run(OPERATOR, public_id)).is_at_work:
        if run == before:
            time.sleep(0.1)  # somebody else holds it
        before = run
        import_work.work(now=now())
    return run
