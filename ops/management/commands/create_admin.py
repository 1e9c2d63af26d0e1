from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from staff.roles import Role
from staff.services import people
from staff.services.people import About, Refused

REFUSALS = {"email_taken": "somebody has this address already", "bad_email": "this is no e-mail address"}


class Command(BaseCommand):
    help = "Begin a real installation: an administrator, and the link by which he chooses his password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name", nargs="+")

    def handle(self, *args: Any, **options: Any) -> None:
        about = About(" ".join(options["name"]), Role.ADMIN)
        try:
            person = people.invite(options["email"], about, by="system", now=now())
        except Refused as refused:
            raise CommandError(REFUSALS.get(refused.code, refused.code)) from None
        self.stdout.write("Open this once, within three days:\n" + people.invitation_link(person.user))
