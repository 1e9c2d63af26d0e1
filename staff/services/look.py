"""The look of the desk is set: checked whole, then written."""

import hashlib
from datetime import datetime

from django.db import transaction

from core import colours, png
from core.models import Look
from events import outbox
from staff.event_types import LookChanged

MAX_NAME = 60
MAX_IN_LETTERS = 30_000  # bytes of a logo that goes out with every letter


class Refused(Exception):
    """`problems`: a code for each field. `offer`: the nearest accent that would do, if that is the trouble."""

    def __init__(self, problems: dict[str, str], offer: str) -> None:
        super().__init__(", ".join(problems))
        self.problems, self.offer = problems, offer


def change(
    name: str, accent: str, *, logo: bytes | None, drops_logo: bool, logo_in_letters: bool, by: str, now: datetime
) -> None:
    """`logo` None keeps the one there is, unless `drops_logo`. Raises `Refused`."""
    problems, offer, picture = {}, "", None
    name = "".join(each for each in " ".join(name.split()) if each.isprintable())
    if len(name) > MAX_NAME:
        problems["name"] = "too_long"
    colour = colours.normal(accent) if accent.strip() else ""
    if colour is None:
        problems["accent"] = "no_colour"
    elif colour and not colours.is_allowed(colour):
        problems["accent"], offer = "too_pale", colours.nearest_allowed(colour)
    if logo is not None:
        try:
            picture = png.cleaned(logo)
        except png.NoPicture as reason:
            problems["logo"] = str(reason)
    if drops_logo and picture is None:
        picture = b""
    if logo_in_letters and "logo" not in problems and len(_kept() if picture is None else picture) > MAX_IN_LETTERS:
        problems["logo"] = "too_heavy_for_letters"
    if problems or colour is None:
        raise Refused(problems, offer)
    _write(name, colour, picture, logo_in_letters, by=by, now=now)


def _kept() -> bytes:
    return bytes(Look.objects.values_list("logo", flat=True).first() or b"")


@transaction.atomic
def _write(name: str, accent: str, picture: bytes | None, logo_in_letters: bool, *, by: str, now: datetime) -> None:
    Look.objects.get_or_create(id=1)
    look = Look.objects.select_for_update().get(id=1)
    digest = look.logo_digest if picture is None else hashlib.sha256(picture).hexdigest()[:16] if picture else ""
    new = {"name": name, "accent": accent, "logo_digest": digest, "is_logo_in_letters": logo_in_letters}
    fields = tuple(field for field, value in new.items() if getattr(look, field) != value)
    if not fields:
        return
    Look.objects.filter(id=1).update(**new, logo=look.logo if picture is None else picture)
    outbox.record(LookChanged(fields=fields), by=by, now=now)
