"""One mail from standard input: the door for a mail server's pipe (`|manage.py receive_mail --to support@...`)."""

import logging
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from channels_app import disk, intake
from channels_app.models import Door
from core.clock import now


class Command(BaseCommand):
    help = "Stores one mail read from standard input. Exit codes as mail servers know them (sysexits.h)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, help="the recipient, an address of one of the channels")
        parser.add_argument("--from", dest="mail_from", default=None, help='envelope sender, "" for the null path')

    def handle(self, *args: Any, to: str, mail_from: str | None, **options: Any) -> None:
        logging.disable(logging.INFO)  # what a pipe prints a mail server takes for trouble, and sends it back
        raw = sys.stdin.buffer.read(settings.MAX_MAIL_BYTES + 1)
        if len(raw) > settings.MAX_MAIL_BYTES:
            self._exit(os.EX_DATAERR, f"the mail is larger than {settings.MAX_MAIL_BYTES} bytes")
        try:
            if not disk.has_room():
                self._exit(os.EX_TEMPFAIL, "too little room to store mail now")
            intake.accept(raw, address=to, door=Door.PIPE, envelope_from=mail_from, envelope_to=[to], now=now())
        except intake.NoChannel:
            self._exit(os.EX_NOUSER, f"there is no mailbox {to} here")
        except (DatabaseError, OSError) as trouble:
            self._exit(os.EX_TEMPFAIL, f"the mail could not be stored now: {type(trouble).__name__}")

    def _exit(self, code: int, why: str) -> None:
        self.stderr.write(f"helpdesk: {why}")
        sys.exit(code)
