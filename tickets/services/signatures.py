"""Signatures of people and queues: kept here, chosen and filled by policies/signature.py."""

from typing import Any

from django.db import transaction

from staff.models import StaffProfile
from tickets.models import Queue, Signature, Ticket
from tickets.numbers import pretty
from tickets.policies.signature import chosen, filled
from tickets.services.refused import Refused

MOST_LETTERS = 1000


def of(staff: StaffProfile, ticket: Ticket, *, with_number: bool = True) -> str:
    """What stands under a reply of this person in this ticket; third parties learn no number. One query."""
    found = {
        "own" if signature.staff_id else "queues": signature.text
        for signature in Signature.objects.filter(language=ticket.language).filter(staff=staff)
        | Signature.objects.filter(language=ticket.language).filter(queue_id=ticket.queue_id)
    }
    name = staff.public_name or staff.name
    words = chosen(own=found.get("own", ""), queues=found.get("queues", ""), name=name)
    number = ticket.number if with_number else ""
    return filled(words, values(name=name, queue=ticket.queue, language=ticket.language, number=number))


def values(*, name: str, queue: Queue, language: str, number: str) -> dict[str, str]:
    return {
        "name": name,
        "queue": queue.name_ru if language == "ru" else queue.name_en,
        "number": pretty(number) if number else "",
    }


def own(staff_id: int) -> dict[str, str]:
    """Language -> text."""
    return dict(Signature.objects.filter(staff_id=staff_id).values_list("language", "text"))


def of_queue(queue_slug: str) -> dict[str, str]:
    """Language -> text."""
    return dict(Signature.objects.filter(queue__slug=queue_slug).values_list("language", "text"))


@transaction.atomic
def keep_own(staff_id: int, *, language: str, text: str) -> None:
    """An empty text removes it."""
    _keep(language, text, staff_id=staff_id)


@transaction.atomic
def keep_of_queue(queue_slug: str, *, language: str, text: str) -> None:
    """An empty text removes it. Raises `Queue.DoesNotExist`."""
    _keep(language, text, queue_id=Queue.objects.get(slug=queue_slug).pk)


def is_long(text: str) -> bool:
    return len(_plain(text)) > MOST_LETTERS


def _plain(text: str) -> str:
    """A form sends each line break as two letters; nobody typed the second."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _keep(language: str, text: str, **whose: Any) -> None:
    if is_long(text):
        raise Refused("long_signature")
    if text := _plain(text):
        Signature.objects.update_or_create(**whose, language=language, defaults={"text": text})
    else:
        Signature.objects.filter(**whose, language=language).delete()
