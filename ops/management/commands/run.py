from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ops.roles import DEMO_ROLES, ROLES


class Command(BaseCommand):
    help = "Runs one role of the desk in this process, until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=[*ROLES, *DEMO_ROLES])

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        (ROLES | DEMO_ROLES)[role]()
