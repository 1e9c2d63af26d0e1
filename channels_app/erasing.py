"""Mail as it came goes: bytes and headers. That it came, when, through which door and what became of it stays."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from channels_app.models import WRITER, RawMessage, RawState, TurnedAway

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


def erase_mail(emails: Collection[str], *, ticket_ids: Collection[int], raw_ids: Collection[str]) -> frozenset[str]:
    """Of these tickets, and what these addresses wrote that was refused. Returns digests of bytes kept as files."""
    of_tickets = Q(ticket_id__in=ticket_ids) | Q(public_id__in=raw_ids)
    refused = Q(writer__in=emails, state=RawState.REFUSED)
    mails = RawMessage.objects.alias(writer=WRITER).filter(of_tickets | refused).exclude(digest="")
    ids = list(mails.values_list("pk", flat=True))
    rows = RawMessage.objects.filter(pk__in=ids)
    digests = frozenset(rows.filter(content=None).values_list("digest", flat=True))
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
    TurnedAway.objects.filter(sender__in=emails).delete()
    return digests
