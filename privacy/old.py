"""The kinds whose rows stay, without their words."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from channels_app import erasing as mails
from customers.services import importing
from privacy.retention import COUNTED, Gone, Kind
from staff.actor import SYSTEM
from tickets.services import erasing as words
from tickets.services import outliving

_TICKETS_AT_ONCE = 50
_MAILS_AT_ONCE = 500
_CALLS_AT_ONCE = 500


def closed_tickets(*, days: int | None, least: int) -> Kind:
    def destroy(before: datetime, *, act: int, now: datetime) -> Gone:
        return _tickets(outliving.closed(before), act=act, now=now)

    return Kind("tickets", days, least, True, _counted(outliving.closed), destroy)


def spam(*, days: int | None, least: int) -> Kind:
    """Tickets that are spam, and mail that was refused."""
    refused = _counted(mails.refused_before)
    tickets = _counted(outliving.spam)

    def destroy(before: datetime, *, act: int, now: datetime) -> Gone:
        gone = _tickets(outliving.spam(before), act=act, now=now)
        ids = list(mails.refused_before(before).values_list("pk", flat=True)[:_MAILS_AT_ONCE])
        digests = mails.blank(ids) | set(gone.digests)
        return Gone({**gone.counts, "refused": len(ids)}, digests, gone.numbers)

    return Kind("spam", days, least, True, lambda before: tickets(before) + refused(before), destroy)


def mail(*, days: int | None, least: int) -> Kind:
    """The bytes of letters that are at a ticket; their words stay there."""

    def filed(before: datetime) -> QuerySet:
        return mails.filed_before(before, but=outliving.kept_raw_ids())

    def destroy(before: datetime, *, act: int, now: datetime) -> Gone:
        ids = list(filed(before).values_list("pk", flat=True)[:_MAILS_AT_ONCE])
        return Gone({"mails": len(ids)}, mails.blank(ids))

    return Kind("mail", days, least, True, _counted(filed), destroy)


def calls(*, days: int | None, least: int) -> Kind:
    """Those in no ticket; the others go with theirs."""

    def destroy(before: datetime, *, act: int, now: datetime) -> Gone:
        return Gone({"calls": words.erase_old_calls(before, _CALLS_AT_ONCE, now=now)})

    return Kind("calls", days, least, True, _counted(words.calls_alone), destroy)


def imports(*, days: int) -> Kind:
    """One file after the other: it may have a hundred thousand lines."""

    def destroy(before: datetime, *, act: int, now: datetime) -> Gone:
        ids = list(importing.old(before).values_list("pk", flat=True)[:1])
        return Gone({"imports": len(ids)}, importing.forget(ids, now=now))

    return Kind("imports", days, 1, False, _counted(importing.old), destroy)


def _counted(old: Callable[[datetime], QuerySet]) -> Callable[[datetime], int]:
    return lambda before: old(before)[: COUNTED + 1].count()


def _tickets(found: QuerySet, *, act: int, now: datetime) -> Gone:
    batch = outliving.take(found, _TICKETS_AT_ONCE)
    counts = {"tickets": len(batch.ids), "messages": batch.messages, "notes": batch.notes, "files": batch.files}
    gone = words.erase_words(batch.ids, act=act, by=SYSTEM.key, now=now)
    return Gone(counts, gone.digests | mails.blank_of(gone.raw_ids), batch.numbers)
