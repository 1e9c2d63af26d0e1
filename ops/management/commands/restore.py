import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.clock import now
from ops.backups import manifest, postgres
from ops.backups.gently import Progress
from ops.backups.make import SECRET_KEY
from ops.backups.restore import Refused, restore


class Command(BaseCommand):
    help = "Puts a backup in the place of an empty desk; stop the desk first (docs/operating.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, help="one folder that `backup` made")
        parser.add_argument("--replace", action="store_true", help="also where there is a desk with data")
        parser.add_argument("--accept-damage", action="store_true", help="also when attachments in it are damaged")

    def handle(self, *args: Any, backup: Path, replace: bool, accept_damage: bool, **options: Any) -> None:
        try:
            done = restore(
                backup.resolve(),
                replace=replace,
                accept_damage=accept_damage,
                progress=Progress(self.stdout.write),
                now=now(),
            )
        except (Refused, manifest.NotWhole, postgres.Trouble, OSError) as reason:
            raise CommandError(f"nothing was restored: {reason}") from reason
        told, say = done.manifest, self.stdout.write
        say(f"restored the desk as it was at {told.made_at} (version {told.version})")
        rows = sum(told.tables.values())
        say(f"  {rows} rows in {len(told.tables)} tables, as many as the backup counted; {told.blob_count} files")
        say(f"  ticket numbers go on from place {done.next_number_place}: none is given out twice")
        say(f"  {done.uncertain} letters may have left after the backup: shown at their tickets, not sent again")
        say("  everybody signs in anew")
        if done.broken:
            say(f"  {len(done.broken)} files are lost: {', '.join(done.broken[:5])}")
        if done.kept:
            say(f"  what was here before is the database {done.kept} until the next restore")
        reds = [f"{line.name} ({line.count})" for line in done.books if line.is_red]
        say(f"  books, recounted in full: {', '.join(reds) + ' are RED' if reds else 'all green'}")
        theirs = re.search(r"^SECRET_KEY=(.*)$", (backup / manifest.SETTINGS).read_text(), flags=re.MULTILINE)
        if theirs and theirs[1] != settings.SECRET_KEY and f"keys/{SECRET_KEY}" not in told.files:
            say("  SECRET_KEY is another here: with that one passwords of mail servers cannot be read")
        say(f"Settings of that desk are in {backup / manifest.SETTINGS}: take over into .env what applies here.")
