"""What spoke for the askers of tickets: that it did, how much and until when stays; its words and addresses go."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from assurance.models import AccountLetter, Confirmation, Evidence, View


def erase_facts(ticket_ids: Collection[int]) -> None:
    Evidence.objects.filter(ticket__in=ticket_ids).update(facts=[])


def erase_letters(emails: Collection[str]) -> None:
    """To whom letters of accounts and questions about critical actions went; one that waits to leave still does."""
    erased = Concat(Value("erased-"), Cast("pk", TextField()))
    letters = AccountLetter.objects.filter(email__in=emails).exclude(status="queued")
    letters.update(email=erased, subject="", text="", detail="")
    Confirmation.objects.filter(email__in=emails).update(email=erased)


def old_letters(before: datetime) -> QuerySet[AccountLetter]:
    return AccountLetter.objects.filter(created_at__lt=before).exclude(status="queued")


def old_views(before: datetime) -> QuerySet[View]:
    return View.objects.filter(hour__lt=before)
