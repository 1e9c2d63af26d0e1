"""The door to a ticket: as a queryset and as a single row. What may not be seen does not exist (404)."""

from collections.abc import Collection
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from customers.actor import Customer, Right
from staff.actor import Actor
from staff.roles import Perm
from tickets.enums import Kind
from tickets.models import Call, Participant, Ticket
from tickets.policies.participation import Part, PartRight, Standing, standing


class NotVisible(Http404):
    """Missing, or not for this actor: the answer is the same."""


def visible_to(actor: Actor) -> QuerySet[Ticket]:
    """The queryset form of `policies.visibility.may_see`; a test compares them over the whole matrix."""
    if not actor.may(Perm.SEE_TICKETS):
        return Ticket.objects.none()
    mine = Q(assignee_id=actor.staff_id)
    of_my_teams = Q(team_id__in=actor.team_ids)
    if actor.may(Perm.SEE_ALL_TICKETS):
        return Ticket.objects.filter(~Q(kind=Kind.RESTRICTED.value) | mine | of_my_teams)
    return Ticket.objects.filter(mine | (of_my_teams & ~Q(kind=Kind.RESTRICTED.value)))


def numbers_of(actor: Actor, ticket_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Number and subject of those of these tickets that this actor may see, by id."""
    found = visible_to(actor).filter(pk__in=ticket_ids).values_list("pk", "number", "subject")
    return {pk: (number, subject) for pk, number, subject in found}


def get_ticket_for(actor: Actor, number: str, *, lock: bool = False, also: tuple[str, ...] = ()) -> Ticket:
    """The ticket with this number, in any way of writing it, with its queue and team and `also` others that it names.

    `lock` takes the row for the transaction.
    """
    digits = "".join(filter(str.isdigit, number))
    tickets = visible_to(actor).filter(number=digits)
    if lock:
        tickets = tickets.select_for_update(of=("self",))
    ticket = tickets.select_related("queue", "team", *also).first()
    if ticket is None:
        raise NotVisible(number)
    return ticket


def get_ticket_to_prepare(actor: Actor, number: str) -> Ticket:
    """For drafts and files that nobody has sent yet; for people who may work tickets."""
    if not actor.may(Perm.WORK_TICKETS):
        raise NotVisible(number)
    return get_ticket_for(actor, number)


def get_ticket_to_work(actor: Actor, number: str) -> Ticket:
    """Locked, for a change; for people who may work tickets. A merged one stands for that into which it went.

    One whose words were destroyed is changed no more.
    """
    if not actor.may(Perm.WORK_TICKETS):
        raise NotVisible(number)
    living = visible_to(actor).filter(number="".join(filter(str.isdigit, number)), merged_into=None)
    ticket = living.select_for_update(of=("self",)).select_related("queue", "team").first()
    if ticket is None:  # asked without a lock: whoever parts the two locks them in the order of their ids
        return get_ticket_to_work(actor, living_number(get_ticket_for(actor, number)))
    if ticket.erased_at is not None:
        raise NotVisible(number)
    return ticket


def visible_to_customer(customer: Customer) -> QuerySet[Ticket]:
    """Neither spam nor what is restricted exists for him. The queryset form of `policies.participation.standing`; a
    test compares them.
    """
    return visible_to_programs().filter(reduce(or_, reasons_to_see(customer)))


def reasons_to_see(customer: Customer) -> tuple[Q, Q, Q]:
    """Those that contacts of his accounts opened, his own elsewhere, those of his accounts in which he takes part.

    Each for itself can be walked along an index, all of them in one condition cannot. A ticket that a stranger's words
    file under an account shows nothing of the stranger to it.
    """
    seen = customer.accounts(Right.SEE)
    elsewhere = [account for account in customer.accounts(Right.ASK) if account not in seen]
    of_accounts = Q(account_id__in=seen, contact__isnull=False)
    own = Q(contact_id=customer.contact_id) & (Q(account=None) | Q(account_id__in=elsewhere))
    takes_part = Q(account_id__in=list(customer.roles), pk__in=parts_of(customer).values("ticket"))
    return of_accounts, own, takes_part


def parts_of(customer: Customer) -> QuerySet[Participant]:
    """His places in tickets, those left aside."""
    return Participant.objects.filter(contact_id=customer.contact_id, dropped_at=None)


def standing_in(customer: Customer, ticket: Ticket) -> Standing:
    """What he is to a ticket that he sees. One query, and none for whoever sees it by his account."""
    of = {"contact_id": ticket.contact_id, "account_id": ticket.account_id}
    found = standing(customer, **of, part=None, since=None)
    if PartRight.REPLY in found.rights:
        return found
    person = parts_of(customer).filter(ticket=ticket).order_by("added_at").first()
    if person is None:
        return found
    return standing(customer, **of, part=part_of(person), since=person.added_at)


def part_of(person: Participant) -> Part:
    """Without what his roles let him decide."""
    return Part(person.is_requester, person.may_reply, has_ended=person.dropped_at is not None)


def visible_to_programs() -> QuerySet[Ticket]:
    """For the provider's own programs: of all customers what a customer may see."""
    return Ticket.objects.filter(is_spam=False).exclude(kind=Kind.RESTRICTED.value)


def get_ticket_for_customer(customer: Customer, public_id: UUID | str, *, lock: bool = False) -> Ticket:
    """A merged one stands for that into which it went. `lock` takes the row for the transaction, and a change: one
    whose words were destroyed is changed no more.
    """
    tickets = visible_to_customer(customer)
    ticket = tickets.filter(public_id=public_id).select_related("merged_into").first()
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = tickets.filter(pk=ticket.merged_into_id).first()
    if ticket is not None and lock:
        locked = tickets.select_for_update(of=("self",)).filter(pk=ticket.pk, merged_into=None).first()
        ticket = locked or get_ticket_for_customer(customer, public_id, lock=True)
    if ticket is None or (lock and ticket.erased_at is not None):
        raise NotVisible(public_id)
    return ticket


def living_number(ticket: Ticket) -> str:
    """Of the ticket that a merged one has become in the end; its own where it is none."""
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket.number


def calls_visible_to(actor: Actor) -> QuerySet[Call]:
    """His own, those about tickets that he may see, and those about none: whoever calls again gets anybody."""
    if not actor.may(Perm.SEE_TICKETS):
        return Call.objects.none()
    return Call.objects.filter(Q(staff_id=actor.staff_id) | Q(ticket=None) | Q(ticket__in=visible_to(actor)))


def get_call_to_work(actor: Actor, number: str) -> Call:
    """Locked, for a change, after its ticket: in the order in which merging locks them. His own stays his to close
    when its ticket has gone where he does not see it.
    """
    if not actor.may(Perm.WORK_TICKETS):
        raise NotVisible(number)
    digits = "".join(filter(str.isdigit, number))
    found = calls_visible_to(actor).filter(number=digits).first()
    if found is None:
        raise NotVisible(number)
    Ticket.objects.select_for_update(of=("self",)).filter(pk=found.ticket_id or 0).first()
    call = Call.objects.select_for_update(of=("self",)).get(pk=found.pk)
    return call if call.ticket_id == found.ticket_id else get_call_to_work(actor, number)
