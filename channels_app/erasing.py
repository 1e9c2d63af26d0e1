"""Mail as it came goes: bytes and headers. That it came, when, through which door and what became of it stays."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from channels_app.models import WRITER, HeldFile, HeldRequest, RawMessage, RawState, TurnedAway, Visit
from channels_app.policies.raw_ids import public_ids

_DECIDED = (RawState.FILED, RawState.REFUSED)
_UNDECIDED = (RawState.RECEIVED, RawState.PARSING, RawState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Wrote:
    """Mail of somebody that is at no ticket."""

    undecided: int  # not read yet, or waiting for a person
    refused: int


def written_by(emails: Collection[str]) -> Wrote:
    found = RawMessage.objects.alias(writer=WRITER).filter(writer__in=emails)
    return Wrote(
        undecided=found.filter(state__in=_UNDECIDED).count(),
        refused=found.filter(state=RawState.REFUSED).exclude(digest="").count(),
    )


def erase_mail(emails: Collection[str], *, raw_ids: Collection[str]) -> frozenset[str]:
    """These, and what these addresses wrote, wherever it went. Returns digests of bytes kept as files."""
    theirs = RawMessage.objects.alias(writer=WRITER).filter(writer__in=emails, state__in=_DECIDED)
    TurnedAway.objects.filter(sender__in=emails).delete()
    return blank_of(raw_ids) | blank(theirs.values_list("pk", flat=True)) | _forget_visitor(emails)


def _forget_visitor(emails: Collection[str]) -> frozenset[str]:
    Visit.objects.filter(email__in=emails).delete()
    requests = HeldRequest.objects.filter(email__in=emails)
    files = HeldFile.objects.filter(request_id__in=list(requests.values_list("request_id", flat=True)))
    digests = frozenset(files.values_list("digest", flat=True))
    files.delete()
    requests.delete()
    return digests


def filed_before(before: datetime, *, but: Collection[str]) -> QuerySet[RawMessage]:
    """Except those with these public ids."""
    return _in_full(RawState.FILED, before).exclude(public_id__in=public_ids(but))


def refused_before(before: datetime) -> QuerySet[RawMessage]:
    return _in_full(RawState.REFUSED, before)


def _in_full(state: RawState, before: datetime) -> QuerySet[RawMessage]:
    return (
        RawMessage.objects.filter(state=state, received_at__lt=before).exclude(digest="").order_by("received_at", "id")
    )


def blank_of(raw_ids: Collection[str]) -> frozenset[str]:
    """By their public ids."""
    return blank(RawMessage.objects.filter(public_id__in=public_ids(raw_ids)).values_list("pk", flat=True))


def blank(ids: Iterable[int]) -> frozenset[str]:
    rows = RawMessage.objects.filter(pk__in=list(ids))
    digests = frozenset(rows.filter(content=None).exclude(digest="").values_list("digest", flat=True))
    rows.update(
        envelope_from=None,
        envelope_to=[],
        helo="",
        client_ip="",
        digest="",
        content=b"",
        mail_id="",
        detail="",
        sender="",
        subject="",
    )
    return digests
