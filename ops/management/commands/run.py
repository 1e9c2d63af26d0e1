from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ops import logs
from ops.roles import DEMO_ROLES, ROLES, several_web


class Command(BaseCommand):
    help = "Runs one role of the desk until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=[*ROLES, *DEMO_ROLES])
        parser.add_argument("--processes", type=int, default=1, help="web only: so many on one port")

    def handle(self, *args: Any, role: str, processes: int, **options: Any) -> None:
        logs.sign_as(role)
        if role == "web" and processes > 1:
            several_web(processes)
        else:
            (ROLES | DEMO_ROLES)[role]()
