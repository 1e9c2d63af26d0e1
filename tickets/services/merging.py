"""Two tickets into one, and apart again. Messages and notes move with their authors and levels; people's parts stay.

The rule of the clocks: of the two open ones that is kept which is due earlier, wherever it began; the other is set
aside. Parted, each ticket has its own again, as if it had run all the time; what was answered while they were one is
answered for both. What came meanwhile stays where it was put.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from core.clock import NEVER
from events import outbox
from events.event import DomainEvent
from sla.policies.clock import Entry
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, visible_to
from tickets.enums import Author, Status
from tickets.event_types import TicketMerged, TicketsJoined, TicketsParted, TicketUnmerged
from tickets.models import Call, Clock, Draft, Merge, Message, Note, Promise, SideConversation, Ticket, Upload
from tickets.policies import lifecycle, merging
from tickets.queries.sorting import side, with_open_action
from tickets.services import following, promises, rows
from tickets.services.bulk import Outcome
from tickets.services.clocks import Clocks
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.uploads import staff_id_of

MOST_TOGETHER = 20

_KEPT = ("status", "is_unread", "followers")
_SAVED = (*_KEPT, "merged_into", "due_at", "promised_at", "version", "updated_at")


@transaction.atomic
def merge(source_number: str, into_number: str, *, by: Actor, now: datetime) -> Ticket:
    """The ticket that lives on. Both are locked in the order of their ids: of two people merging crosswise, one wins.

    Raises `Refused` with a code of policies/merging.py, "merge_itself", "merge_held" or "merge_action".
    """
    source, target = pair(source_number, into_number, by=by)
    if why := _refusal(source, target, with_open_action([source]), now=now):
        raise Refused(why)
    _bring_in([source], target, by=by, now=now)
    return target


@transaction.atomic
def merge_all(numbers: Sequence[str], into_number: str, *, by: Actor, now: datetime) -> Outcome:
    """All but one into that one, each by the rules of the single merge; what may not is left and told.

    About twenty queries for any number of tickets. Raises `Refused("merge_count")`, and "no_such_ticket" where the one
    is not among them.
    """
    wanted = list(dict.fromkeys(numbers))
    if not by.may(Perm.WORK_TICKETS):
        raise NotVisible("tickets")
    if not 2 <= len(wanted) <= MOST_TOGETHER:
        raise Refused("merge_count")
    known = visible_to(by).filter(number__in=wanted, erased_at=None)
    found = _locked(list(known.values_list("pk", flat=True)))
    seen = {ticket.number: ticket for ticket in found.values()}
    if into_number not in seen:
        raise Refused("no_such_ticket")
    target = seen.pop(into_number)
    refused = {number: "no_such_ticket" for number in wanted if number not in seen and number != into_number}
    waiting = with_open_action(seen.values())
    refused |= {number: why for number, source in seen.items() if (why := _refusal(source, target, waiting, now=now))}
    sources = [source for number, source in seen.items() if number not in refused]
    _bring_in(sources, target, by=by, now=now)
    return Outcome(tuple(source.number for source in sources), refused)


def _refusal(source: Ticket, target: Ticket, waiting: Collection[int], *, now: datetime) -> str:
    return merging.refusal_of_whole(
        side(source, now=now),
        side(target, now=now),
        has_held=bool(source.held_count),
        has_open_action=source.pk in waiting,
    )


def _bring_in(sources: Sequence[Ticket], target: Ticket, *, by: Actor, now: datetime) -> None:
    """One after the other as if each came alone, so that each can be parted alone; written at once."""
    if not sources:
        return
    clocks, staff_id = Clocks([target, *sources]), staff_id_of(by)
    messages, notes, sides, promised = (_ids(model, sources) for model in (Message, Note, SideConversation, Promise))
    merges: list[Merge] = []
    events: list[DomainEvent] = []
    for source in sources:
        made = Merge(
            source=source,
            target=target,
            staff_id=staff_id,
            made_at=now,
            source_before=_kept(source),
            target_before=_kept(target),
            message_ids=messages[source.pk],
            note_ids=notes[source.pk],
            side_ids=sides[source.pk],
            promise_ids=promised[source.pk],
        )
        promises.join(source, target)
        _join_clocks(made, source, target, clocks, now=now)
        target.due_at = min(target.due_at, target.promised_at or NEVER)
        if source.is_unread and not Status(source.status).is_done:
            target.is_unread = True
            target.status = lifecycle.after_customer_wrote(Status(target.status)).value
        target.followers = following.joined(target, source.followers)
        source.merged_into, source.status, source.is_unread, source.due_at = target, Status.CLOSED.value, False, NEVER
        for ticket in (source, target):
            ticket.version, ticket.updated_at = ticket.version + 1, now
        made.target_version = target.version
        merges.append(made)
        events.append(TicketMerged(ticket_id=source.pk, number=target.number))
        events.append(TicketsJoined(ticket_id=target.pk, number=source.number))
    aside = Clock.objects.filter(pk__in=[made.clock_aside for made in merges if made.clock_aside])
    aside.update(is_open=False)  # makes room: one open clock a ticket
    clocks.save()
    for model in (Message, Note, Call, SideConversation, Promise, Upload):
        model.objects.filter(ticket__in=sources).update(ticket=target)
    _move_drafts(sources, target, now=now)
    rows.update([*sources, target], _SAVED)
    Merge.objects.bulk_create(merges)
    outbox.record(*events, by=by.key, now=now)


def _ids(model: type[Message | Note | SideConversation | Promise], tickets: Sequence[Ticket]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for ticket_id, pk in model.objects.filter(ticket__in=tickets).order_by("id").values_list("ticket_id", "pk"):
        found[ticket_id].append(pk)
    return found


@transaction.atomic
def unmerge_all(numbers: Sequence[str], *, by: Actor, now: datetime) -> Outcome:
    """Those still merged are on their own again, the last first; the rest is told."""
    wanted = list(dict.fromkeys(numbers))[:MOST_TOGETHER]
    made = Merge.objects.filter(source__number__in=wanted, undone_at=None).order_by("-id")
    merged = list(made.values_list("source__number", flat=True))
    _locked(list(made.values_list("source_id", flat=True)) + list(made.values_list("target_id", flat=True)))
    refused = {number: "already_decided" for number in wanted if number not in merged}
    done: list[str] = []
    for number in merged:
        try:
            unmerge(number, by=by, now=now)
        except Refused as why:
            refused[number] = why.code
        except NotVisible:
            refused[number] = "no_such_ticket"
        else:
            done.append(number)
    return Outcome(tuple(done), refused)


@transaction.atomic
def unmerge(source_number: str, *, by: Actor, now: datetime) -> Ticket:
    """The ticket that is on its own again. Who may work the one it went into may part them."""
    if not by.may(Perm.WORK_TICKETS):
        raise NotVisible(source_number)
    found = Merge.objects.filter(source__number=source_number, undone_at=None).first()
    if found is None or not visible_to(by).filter(pk=found.target_id, erased_at=None).exists():
        raise NotVisible(source_number)
    both = _locked([found.source_id, found.target_id])
    made = Merge.objects.select_for_update().filter(pk=found.pk, undone_at=None).first()
    if made is None:
        raise Refused("already_decided")
    source, target = both[made.source_id], both[made.target_id]
    if target.merged_into_id:
        raise Refused("unmerge_outer_first")
    _move(made, target, source)
    source.merged_into = None
    _put_back(source, made.source_before)
    if is_untouched := target.version == made.target_version:
        _put_back(target, made.target_before)
    _part_clocks(made, source, target, now=now)
    promises.settle(source)
    promises.settle(target)
    touch(source, now=now)
    touch(target, now=now)
    made.undone_at = now
    made.save(update_fields=["undone_at"])
    if is_untouched:  # the merge before this one is the last again
        before = Merge.objects.filter(target=target, undone_at=None, target_version=made.target_version - 1)
        before.update(target_version=target.version)
    outbox.record(
        TicketUnmerged(ticket_id=source.pk, number=target.number),
        TicketsParted(ticket_id=target.pk, number=source.number),
        by=by.key,
        now=now,
    )
    return source


def pair(one: str, other: str, *, by: Actor) -> tuple[Ticket, Ticket]:
    """Both locked, for who may work both."""
    numbers = ["".join(filter(str.isdigit, number)) for number in (one, other)]
    if not by.may(Perm.WORK_TICKETS):
        raise NotVisible(one)
    seen = dict(visible_to(by).filter(number__in=numbers, erased_at=None).values_list("number", "pk"))
    if numbers[0] not in seen:
        raise NotVisible(one)
    if numbers[1] not in seen:
        raise Refused("no_such_ticket")
    if numbers[0] == numbers[1]:
        raise Refused("merge_itself")
    both = _locked(list(seen.values()))
    return both[seen[numbers[0]]], both[seen[numbers[1]]]


def _locked(pks: Sequence[int]) -> dict[int, Ticket]:
    found = Ticket.objects.select_for_update(of=("self",)).select_related("queue", "team")
    return {ticket.pk: ticket for ticket in found.filter(pk__in=pks).order_by("pk")}


def _kept(ticket: Ticket) -> dict[str, object]:
    return {name: getattr(ticket, name) for name in _KEPT}


def _put_back(ticket: Ticket, before: dict[str, Any]) -> None:
    for name, value in before.items():
        setattr(ticket, name, value)


def _move(made: Merge, here: Ticket, there: Ticket) -> None:
    """Only what is still here: a message may have been moved on since."""
    Message.objects.filter(pk__in=made.message_ids, ticket=here).update(ticket=there)
    Note.objects.filter(pk__in=made.note_ids, ticket=here).update(ticket=there)
    Call.objects.filter(note__in=made.note_ids, ticket=here).update(ticket=there)
    SideConversation.objects.filter(pk__in=made.side_ids, ticket=here).update(ticket=there)
    Promise.objects.filter(pk__in=made.promise_ids, ticket=here).update(ticket=there)


def _move_drafts(sources: Sequence[Ticket], target: Ticket, *, now: datetime) -> None:
    """What colleagues were writing goes along; below what they had begun at the other ticket."""
    kept = Draft.objects.select_for_update().filter(ticket__in=[target, *sources]).order_by("pk")
    begun = {(draft.staff_id, draft.mode): draft for draft in kept if draft.ticket_id == target.pk}
    changed: dict[int, Draft] = {}
    for draft in kept:
        if draft.ticket_id == target.pk:
            continue
        first = begun.setdefault((draft.staff_id, draft.mode), draft)
        if first is draft:
            draft.ticket = target
        elif draft.text.strip():
            first.text = f"{first.text.rstrip()}\n\n{draft.text}".lstrip()
            first.version, first.updated_at, draft.text = first.version + 1, now, ""
        changed |= {draft.pk: draft, first.pk: first}
    rows.update(changed.values(), ["ticket", "text", "version", "updated_at"])


def _join_clocks(made: Merge, source: Ticket, target: Ticket, clocks: Clocks, *, now: datetime) -> None:
    of_source, of_target = clocks.open.get(source.pk), clocks.open.get(target.pk)
    if of_source is None:
        return
    if of_target is not None and (of_target.due_at or NEVER) <= (of_source.due_at or NEVER):
        clocks.enter(of_source, Entry.SET_ASIDE, source, reason="merged", now=now)
        made.clock_aside = of_source.pk
    else:
        if of_target is not None:
            clocks.enter(of_target, Entry.SET_ASIDE, target, reason="merged", now=now)
            made.clock_aside = of_target.pk
        of_source.ticket = target
        clocks.read(of_source, target, now=now)
        clocks.open[target.pk] = of_source
        made.clock_moved = of_source.pk


def _part_clocks(made: Merge, source: Ticket, target: Ticket, *, now: datetime) -> None:
    clocks = Clocks([target], also=[pk for pk in (made.clock_moved, made.clock_aside) if pk])
    moved = clocks.all.get(made.clock_moved or 0)
    aside = clocks.all.get(made.clock_aside or 0)
    answered = Message.objects.filter(
        ticket=target, author=Author.AGENT, created_at__gt=made.made_at, withdrawn_at=None
    )
    answered_at = answered.order_by("id").values_list("created_at", flat=True).first()
    source.due_at = NEVER
    if moved is not None:
        if moved.is_open:
            target.due_at = NEVER
            Clock.objects.filter(pk=moved.pk).update(ticket=source)
        moved.ticket = source
        clocks.read(moved, source, now=now)
    if aside is not None:
        owner = target if moved is not None else source
        due_at = owner.due_at
        clocks.take_back(aside.pk, owner, reason="unmerged", now=now)
        if answered_at is not None:
            clocks.enter(aside, Entry.MET, owner, reason="answered", now=answered_at)
            owner.due_at = due_at
    clocks.save()
