import json
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from events.verification import verify

WORDS = {
    "altered": "this entry is not the one that was written, or the one before it is not",
    "missing": "an entry is missing here",
    "payload_altered": "what this entry tells was changed",
    "payload_missing": "what this entry tells is gone, and no act of erasure says so",
    "head": "the last entry is not the one that was written last",
    "day": "the entries of this day are not those that were there when it was closed",
}


class Command(BaseCommand):
    help = (
        "Verifies the whole journal: every entry, what it tells, and every closed day. "
        "Exit code 1 when anything was altered, is missing or was reordered, 2 when there is no journal to verify."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--digests", help="file of daily digests kept outside, one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        kept = _kept(Path(options["digests"])) if options["digests"] else {}
        _must_be_prepared()
        found = 0
        for finding in verify(kept_elsewhere=kept):
            found += 1
            self.stdout.write(f"{finding.stream or 'day'} {finding.place}: {WORDS[finding.what]}")
        if found:
            raise CommandError(f"{found} places are not as they were written", returncode=1)
        self.stdout.write("every entry is as it was written")


def _must_be_prepared() -> None:
    """Nothing altered and nothing to verify are two things: the exit code tells them apart."""
    wanted = {model._meta.db_table for model in apps.get_app_config("events").get_models()}
    try:
        there = set(connection.introspection.table_names())
    except DatabaseError as error:
        raise CommandError(f"the database cannot be reached: {error}", returncode=2) from error
    if wanted - there:
        raise CommandError("this database is not prepared: `manage.py prepare` or `up` makes its tables", returncode=2)


def _kept(path: Path) -> dict[date, str]:
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        return {date.fromisoformat(line["day"]): str(line["digest"]) for line in lines}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} cannot be read as daily digests: {error}") from error
