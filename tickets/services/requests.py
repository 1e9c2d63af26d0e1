"""A ticket opened by what somebody typed: into the public form, the control panel or another's panel.

Accepted is what is committed: the number may be shown at once, the letter with it follows by the event.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, LevelDecision, ticket_level, typed_level
from core import inserting, prepared
from core.models import key
from core.normal_forms import normal_domain
from customers import queries as customers
from customers.policies import identity
from customers.policies.identity import Claim, ClaimKind
from events import outbox
from staff.actor import REQUESTER
from tickets.contracts import NewRequest, Opened
from tickets.enums import Author, Direction, Metric
from tickets.event_types import RequestFiled
from tickets.models import (
    IdentityClaim,
    IdentityMatch,
    IssuedNumber,
    Message,
    Participant,
    Ticket,
)
from tickets.numbers import number_for
from tickets.services import clocks, secrets
from tickets.services.intake import preview_of
from tickets.services.opened import opened_event
from tickets.services.refused import Refused
from tickets.services.uploads import attachments_of


def open_request(request: NewRequest, *, now: datetime) -> Opened:
    """The ticket, new or the one that this request opened before.

    Two statements where session or claim say whose account it is about, two more where typed words must be looked up.
    Raises `Refused` for an empty subject or text and for a queue that is not there.
    """
    try:
        with transaction.atomic():
            return open_within(request, now=now)
    except IntegrityError:  # the same request came twice at the same moment
        if before := opened_before(request.request_id, door=request.door):
            return before
        raise


def open_within(request: NewRequest, *, now: datetime) -> Opened:
    """The same in a transaction of the caller's, which ends in IntegrityError where a twin was faster."""
    if not request.subject.strip():
        raise Refused("no_subject")
    if not request.text.strip():
        raise Refused("empty_text")
    if len(request.secret) > secrets.MOST_ONCE:
        raise Refused("secret_too_long")
    return _open(request, now=now)


# What this request opened before; the queue and its team. By hand: every request asks it, and the ORM takes longer to
# write it than the database to answer.
_KNOWN = """
    SELECT ticket.id, ticket.number, ticket.public_id, queue.id AS queue_id, queue.team_id
      FROM (VALUES (%s, %s, %s)) AS asked (raw_id, door, queue)
      LEFT JOIN (tickets_message AS message JOIN tickets_ticket AS ticket ON ticket.id = ticket_id)
             ON message.raw_id = asked.raw_id AND message.raw_id <> '' AND ticket.door = asked.door
      LEFT JOIN tickets_queue AS queue ON queue.slug = asked.queue AND queue.is_active"""


def opened_before(request_id: UUID, *, door: str) -> Opened | None:
    with connection.cursor() as cursor:
        prepared.execute(cursor, _KNOWN, [str(request_id), door, ""])
        return _before(*cursor.fetchone()[:3])


def _before(ticket_id: int | None, number: str, public_id: UUID) -> Opened | None:
    return None if ticket_id is None else Opened(ticket_id, number, public_id, is_new=False)


def _open(request: NewRequest, *, now: datetime) -> Opened:
    decision, evidence_kind = typed_level(request.facts)
    claims, matches, account_id, language = _identified(request)
    judged = ticket_level([EvidenceItem(kind=evidence_kind, level=decision.level, at=now)], now)
    subject, text = " ".join(request.subject.split())[:500], request.text.strip()
    ticket = Ticket(
        subject=subject,
        door=request.door,
        our_address=request.our_address,
        language=request.language or language or settings.LANGUAGE_CODE,
        kind=request.kind.value,
        requester_name=request.name,
        requester_email=request.email,
        contact_id=request.contact_id,
        account_id=account_id,
        service_id=request.service_id,
        details=[list(pair) for pair in request.details],
        level=int(judged.level),
        level_until=judged.until,
        created_at=now,
        updated_at=now,
    )
    clock, started = clocks.begun(ticket, Metric.FIRST_RESPONSE, now=now)
    requester = Participant(
        ticket=ticket,
        email=request.email,
        name=request.name,
        is_requester=True,
        added_by=REQUESTER.key,
        added_at=now,
    )
    message = _message(request, ticket, subject, text, decision, now=now)
    hidden = secrets.taken_out_of(message, ticket.details)
    if secret := request.secret.strip():
        hidden.append(secrets.given_once(message, secret, place=len(hidden) + 1))
    ticket.subject, ticket.preview = message.subject, preview_of(message.text)
    evidence = Evidence(
        ticket=ticket,
        message=message,
        kind=evidence_kind,
        level=int(decision.level),
        at=now,
        facts=[fact.as_json() for fact in request.facts],
    )
    said = [
        *(IdentityClaim(ticket=ticket, kind=c.kind, value=c.value[:300], literal=c.literal[:300]) for c in claims),
        *(
            IdentityMatch(ticket=ticket, account_id=m.account_id, certainty=m.certainty, claims=list(m.claims))
            for m in matches
        ),
    ]
    files = attachments_of(request.files, message)
    rows = [ticket, clock, started, requester, message, evidence, *said, *files, *hidden]
    place, *event_ids, ticket_id, number, public_id, queue_id, team_id = inserting.take_ids(
        rows, "tickets_number_seq", outbox.EVENT_IDS, outbox.EVENT_IDS,
        also=(_KNOWN, [str(request.request_id), request.door, request.queue]),
    )  # fmt: skip
    if before := _before(ticket_id, number, public_id):
        return before
    if queue_id is None:
        raise Refused("no_such_queue")
    ticket.queue_id, ticket.team_id = queue_id, team_id
    ticket.number = number_for(place, key=key("ticket-numbers"))
    outbox.begin(
        [IssuedNumber(number=ticket.number, issued_at=now), *rows],
        [
            opened_event(ticket),
            RequestFiled(ticket_id=ticket.pk, message_id=message.pk, level=int(decision.level)),
        ],
        ids=event_ids,
        by=REQUESTER.key,
        now=now,
    )
    return Opened(ticket.pk, ticket.number, ticket.public_id, is_new=True)


def _message(
    request: NewRequest, ticket: Ticket, subject: str, text: str, decision: LevelDecision, *, now: datetime
) -> Message:
    return Message(
        ticket=ticket,
        direction=Direction.INBOUND.value,
        author=Author.REQUESTER.value,
        level=int(decision.level),
        reasons=list(decision.reasons),
        facts=[fact.as_json() for fact in request.facts],
        sender_email=request.email,
        sender_name=request.name,
        subject=subject,
        text=text,
        message_id=f"{request.request_id.hex}@{request.door}",
        raw_id=str(request.request_id),
        created_at=now,
    )


def _identified(request: NewRequest) -> tuple[tuple[Claim, ...], tuple[identity.Match, ...], int | None, str]:
    """What was said of the account, what it points to, the account, and the language of the person on file."""
    if request.account_id is not None:
        return (), (), request.account_id, ""
    typed = [
        Claim(ClaimKind.LOGIN, request.login.strip().lower(), request.login),
        Claim(ClaimKind.CONTRACT, identity.contract_number(request.contract), request.contract),
        Claim(ClaimKind.DOMAIN, normal_domain(request.domain.strip()), request.domain),
        Claim(ClaimKind.PHONE, request.phone.strip(), request.phone),
    ]
    found = identity.claims_in(sender_email=request.email, subject=request.subject, text=request.text)
    claims = tuple({(c.kind, c.value): c for c in (*typed, *found) if c.value}.values())
    on_file = customers.known_senders([request.email]).get(request.email, [])
    named = customers.accounts_named(claims)
    hits = [(claim, account) for claim in claims for account in named.get((claim.kind, claim.value), ())]
    hits += [(claim, person.account_id) for claim in claims if claim.kind is ClaimKind.EMAIL for person in on_file]
    matches = identity.weigh(hits, sender_email=request.email)
    account = identity.chosen(matches)
    return claims, matches, account.account_id if account else None, on_file[0].language if on_file else ""
