import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.clock import now
from ops.backups import gently, postgres
from ops.backups.make import Busy, make


class Command(BaseCommand):
    help = "Writes database, files and keys of the desk into a new folder, while it runs (docs/operating.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="where backups are kept; another disk is best")
        parser.add_argument("--keep", type=int, default=0, help="so many backups stay there, older ones go (0: all)")

    def handle(self, *args: Any, folder: Path | None, keep: int, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is taken away as after Ctrl-C
        gently.step_back()
        where = (folder or settings.DATA_DIR / "backups").resolve()
        try:
            made = make(where, keep=keep, progress=gently.Progress(self.stdout.write), now=now())
        except (Busy, OSError, postgres.Trouble) as reason:
            raise CommandError(f"no backup was made: {reason}") from reason
        except KeyboardInterrupt:
            raise CommandError("no backup was made: interrupted") from None
        self.stdout.write(f"backup is whole: {made}")
        self.stdout.write("It holds everything the desk knows and its keys: keep it as secret as the desk itself.")
