import runpy
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

BENCH = Path(__file__).resolve().parents[3] / "bench"


class Command(BaseCommand):
    help = "Measures the desk against the machine it runs on (bench/README.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=sorted(p.stem.removeprefix("run_") for p in BENCH.glob("run_*.py")))

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        runpy.run_path(str(BENCH / f"run_{what}.py"), run_name="__main__")
