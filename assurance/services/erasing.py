"""What spoke for the askers of tickets: that it did, how much and until when stays; its words and addresses go."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from assurance.models import AccountLetter, Confirmation, CriticalAction, Evidence, View
from core import redaction
from core.named import Named


def erase_facts(ticket_ids: Collection[int]) -> None:
    Evidence.objects.filter(ticket__in=ticket_ids).update(facts=[])


def erase_facts_of(message_ids: Collection[int]) -> None:
    Evidence.objects.filter(message__in=message_ids).update(facts=[])


def redact_views(ticket_ids: Collection[int], person: Named) -> None:
    """Why somebody opened closed fields stays, without the name."""
    redaction.replace(View.objects.filter(ticket__in=ticket_ids), "reason", person)


def erase_letters(emails: Collection[str]) -> None:
    """To whom letters of accounts and questions about critical actions went; one that waits to leave still does."""
    erased = Concat(Value("erased-"), Cast("pk", TextField()))
    letters = AccountLetter.objects.filter(email__in=emails).exclude(status="queued")
    letters.update(email=erased, subject="", text="", detail="")
    Confirmation.objects.filter(email__in=emails).update(email=erased)


def actions_naming(pattern: str, ticket_ids: Collection[int], account_ids: Collection[int]) -> QuerySet[CriticalAction]:
    """Of these tickets and accounts, whose words hold it."""
    words = Concat("words", Cast("parameters", TextField()))
    of_them = CriticalAction.objects.filter(Q(ticket__in=ticket_ids) | Q(account__in=account_ids))
    return of_them.alias(said=words).filter(said__iregex=pattern)


def erase_actions(actions: QuerySet[CriticalAction]) -> None:
    """Kind, account, digest, proofs and times stay: whoever holds the words can show that it was they."""
    CriticalAction.objects.filter(pk__in=list(actions.values_list("pk", flat=True))).update(words="", parameters={})


def old_letters(before: datetime) -> QuerySet[AccountLetter]:
    return AccountLetter.objects.filter(created_at__lt=before).exclude(status="queued")


def old_views(before: datetime) -> QuerySet[View]:
    return View.objects.filter(hour__lt=before)
