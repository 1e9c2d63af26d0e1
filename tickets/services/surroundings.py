"""What the desk knows around letters that came together, read at once: a dozen queries for any number of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem
from core.models import key
from core.trust import Fact, FactKind, Level
from customers import queries as customers
from customers.policies import identity
from customers.policies.identity import Claim, ClaimKind
from tickets.access import part_of
from tickets.contracts import InboundMessage, Origin, Outcome, Received
from tickets.models import AutoReply, Message, Participant, Queue, SideConversation, SideLetter, Ticket
from tickets.numbers import found_in
from tickets.policies import tokens
from tickets.policies.participation import PartRight, rights
from tickets.policies.threading import Way
from tickets.services import auto_reply, sender_lists

DOMAIN_REMEMBERED = timedelta(days=90)
_MOST_MENTIONS = 30
SIDE_LETTER = "side_letter"  # why a filed mail is no message of its ticket
_NUMBERS_STAND_WITHIN = 5000  # characters


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket a letter speaks of, its row locked."""

    ticket: Ticket
    way: Way
    token_is_senders: bool = False


def mentions(heard: InboundMessage) -> list[str]:
    """Message-IDs that may lead to a ticket, the last thirty."""
    return [*heard.bounced_message_ids, *heard.in_reply_to, *heard.references][-_MOST_MENTIONS:]


def numbers_in(heard: InboundMessage) -> tuple[str, ...]:
    return found_in(f"{heard.subject}\n{heard.text[:_NUMBERS_STAND_WITHIN]}")


_LAST_LEVELS = """
    SELECT email, last.level FROM unnest(%s) AS email,
    LATERAL (SELECT level FROM tickets_ticket WHERE requester_email = email ORDER BY id DESC LIMIT 1) AS last"""
# Neither a forwarder nor a code that was mailed says that the domain itself signs. The first that fits is enough.
_PROVEN_DOMAINS = """
    SELECT asked FROM unnest(%s) AS asked, LATERAL (
        SELECT 1 FROM tickets_autoreply AS seen
          JOIN tickets_message AS heard ON heard.ticket_id = seen.ticket_id AND heard.sender_email = seen.address
         WHERE seen.domain = asked AND seen.level >= 2 AND seen.at > %s
           AND heard.reasons ?| ARRAY['dmarc_pass', 'aligned_without_policy']
         LIMIT 1) AS proven"""
_OF_COPIES = """
    SELECT copy.mail_id, copy.id, sent.ticket_id
      FROM tickets_outboundcopy AS copy JOIN tickets_message AS sent ON sent.id = copy.message_id
     WHERE copy.mail_id = ANY(%s)"""
_OF_MESSAGES = """
    SELECT mention, found.id, found.ticket_id FROM unnest(%s) AS mention,
    LATERAL (SELECT id, ticket_id FROM tickets_message WHERE message_id = mention ORDER BY id DESC LIMIT 1) AS found"""


class Surroundings:
    """Read inside the transaction that files the letters; the tickets they speak of stay locked until its end.

    What filing one of the letters changes for the next is told by the methods that begin with "note".
    """

    def __init__(self, letters: Sequence[tuple[InboundMessage, Origin]], *, now: datetime) -> None:
        heard = [each for each, _ in letters]
        senders = {each.sender.email for each in heard} - {""}
        self.filed = _filed([origin.raw_id for _, origin in letters if origin.raw_id])
        self.on_file = customers.known_senders(senders)
        self._last_levels = dict(_rows(_LAST_LEVELS, list(senders)))
        domains = {each.sender.domain for each in heard} - {""}
        self.proven_domains = {name for (name,) in _rows(_PROVEN_DOMAINS, list(domains), now - DOMAIN_REMEMBERED)}
        slugs = {origin.queue for _, origin in letters}
        self._queues = {queue.slug: queue for queue in Queue.objects.select_related("team").filter(slug__in=slugs)}
        self.rules = sender_lists.matching(senders, now=now)
        self.register = auto_reply.register(senders, now=now)
        self._read_threads(heard)
        self._read_tickets(senders)
        self._read_claims(heard)

    def _read_threads(self, heard: Sequence[InboundMessage]) -> None:
        secret = key("reply-tokens")
        ids = {token: tokens.read(token, key=secret) for each in heard for token in each.reply_tokens}
        people = Participant.objects.in_bulk([pk for pk in ids.values() if pk]) if ids else {}
        self._read_side(heard, secret)
        self._holders = {token: people[pk] for token, pk in ids.items() if pk in people}
        mentioned = list({mention for each in heard for mention in mentions(each)})
        self._copies = {mail_id: (pk, ticket) for mail_id, pk, ticket in _rows(_OF_COPIES, mentioned)}
        self._messages = {mention: (pk, ticket) for mention, pk, ticket in _rows(_OF_MESSAGES, mentioned)}
        named = {number for each in heard for number in numbers_in(each)}
        numbered = Ticket.objects.filter(number__in=named).values_list("number", "pk", "account_id") if named else ()
        self._numbered = {number: pk for number, pk, _ in numbered}
        self._accounts_of_numbers = {number: account for number, _, account in numbered if account}

    def _read_side(self, heard: Sequence[InboundMessage], secret: bytes) -> None:
        ids = {token: tokens.read_side(token, key=secret) for each in heard for token in each.reply_tokens}
        mentioned = {mention for each in heard for mention in mentions(each)}
        answered = SideLetter.objects.filter(message_id__in=mentioned).values_list("message_id", "conversation_id")
        self._side_mentions = dict(answered) if mentioned else {}
        wanted = {*filter(None, ids.values()), *self._side_mentions.values()}
        self._side = SideConversation.objects.in_bulk(wanted) if wanted else {}
        self._side_tokens = {token: self._side[pk] for token, pk in ids.items() if pk in self._side}

    def side_of(self, heard: InboundMessage) -> tuple[SideConversation, Ticket] | None:
        """The side conversation a letter belongs to. It comes before any ticket the letter speaks of."""
        by_token = (self._side_tokens[token] for token in heard.reply_tokens if token in self._side_tokens)
        by_mention = (self._side[self._side_mentions[m]] for m in mentions(heard) if m in self._side_mentions)
        found = next(by_token, None) or next(by_mention, None)
        ticket = self._ticket(found.ticket_id) if found else None
        return (found, ticket) if found and ticket and ticket.erased_at is None else None

    def _read_tickets(self, senders: set[str]) -> None:
        wanted = {holder.ticket_id for holder in self._holders.values()}
        wanted |= {ticket for _, ticket in (*self._copies.values(), *self._messages.values())}
        wanted |= set(self._numbered.values())
        wanted |= {conversation.ticket_id for conversation in self._side.values()}
        self._tickets: dict[int, Ticket] = {}
        while wanted:  # once more for what was merged
            found = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
            self._tickets |= {ticket.pk: ticket for ticket in found}
            wanted = {t.merged_into_id for t in self._tickets.values() if t.merged_into_id} - self._tickets.keys()
        self.speakers: dict[tuple[int, str], bool] = {}  # who may speak where; whether he is the one who asks
        self.acknowledged: set[tuple[int, str]] = set()
        self.evidence: dict[int, list[EvidenceItem]] = defaultdict(list)
        if not self._tickets:
            return
        who = {"ticket__in": self._tickets}
        for person in Participant.objects.filter(**who, email__in=senders):
            if PartRight.REPLY in rights(part_of(person)):
                self.speakers[person.ticket_id, person.email] = person.is_requester
        self.acknowledged.update(
            AutoReply.objects.filter(**who, address__in=senders).values_list("ticket_id", "address")
        )
        for ticket, kind, level, at, until in (
            Evidence.objects.standing().filter(**who).values_list("ticket_id", "kind", "level", "at", "expires_at")
        ):
            self.evidence[ticket].append(EvidenceItem(kind=kind, level=Level(level), at=at, expires_at=until))

    def _read_claims(self, heard: Sequence[InboundMessage]) -> None:
        self._claims = {
            id(each): identity.claims_in(
                sender_email=each.sender.email, subject=each.subject, text=each.text, ticket_numbers=numbers_in(each)
            )
            for each in heard
        }
        self._named = customers.accounts_named(claim for claims in self._claims.values() for claim in claims)

    def queue(self, slug: str) -> Queue:
        """Raises `Queue.DoesNotExist` for a door that leads nowhere."""
        if slug not in self._queues:
            raise Queue.DoesNotExist(f"there is no Queue {slug!r}")
        return self._queues[slug]

    def known(self, email: str) -> list[customers.KnownSender]:
        return self.on_file.get(email, [])

    def last_level(self, email: str) -> int | None:
        """Of this address's last ticket; None: it never wrote."""
        return self._last_levels.get(email)

    def note_opened(self, email: str, level: Level) -> None:
        self._last_levels[email] = int(level)

    def thread_of(self, heard: InboundMessage) -> tuple[Thread | None, tuple[Fact, ...]]:
        """Token first, then Message-IDs, of ours before others, then a number in the subject.

        A ticket whose words were destroyed gets no new ones.
        """
        thread, facts = self._thread_of(heard)
        return (None if thread and thread.ticket.erased_at else thread), facts

    def _thread_of(self, heard: InboundMessage) -> tuple[Thread | None, tuple[Fact, ...]]:
        for token in heard.reply_tokens:
            if holder := self._holders.get(token):
                is_senders = holder.email == heard.sender.email
                fact = Fact(FactKind.REPLY_TOKEN, "valid" if is_senders else "foreign", holder.email)
                return Thread(self._ticket(holder.ticket_id), Way.TOKEN, is_senders), (fact,)
        damaged = (Fact(FactKind.REPLY_TOKEN, "damaged"),) if heard.reply_tokens else ()
        for places in (self._copies, self._messages):
            if found := [places[mention] for mention in mentions(heard) if mention in places]:
                return Thread(self._ticket(max(found)[1]), Way.REFERENCE), damaged
        for number in found_in(heard.subject):
            if number in self._numbered:
                return Thread(self._ticket(self._numbered[number]), Way.NUMBER), damaged
        return None, damaged

    def _ticket(self, pk: int) -> Ticket:
        ticket = self._tickets[pk]
        return self._ticket(ticket.merged_into_id) if ticket.merged_into_id else ticket

    def identified(self, heard: InboundMessage) -> tuple[tuple[Claim, ...], tuple[identity.Match, ...]]:
        """What the letter says of itself, and the accounts that points to."""
        claims, sender = self._claims[id(heard)], heard.sender.email
        hits: list[tuple[Claim, int]] = []
        for claim in claims:
            if claim.kind is ClaimKind.TICKET:
                accounts: Iterable[int] = filter(None, [self._accounts_of_numbers.get(claim.value)])
            elif claim.kind is ClaimKind.EMAIL:
                accounts = [person.account_id for person in self.known(sender)]
            else:
                accounts = self._named.get((claim.kind, claim.value), ())
            hits += [(claim, account) for account in accounts]
        return claims, identity.weigh(hits, sender_email=sender)


def _filed(raw_ids: list[str]) -> dict[str, Received]:
    done = Message.objects.filter(raw_id__in=raw_ids).select_related("ticket") if raw_ids else ()
    filed = {m.raw_id: Received(Outcome.JOINED, "already_filed", m.ticket_id, m.ticket.number, m.pk) for m in done}
    for letter in SideLetter.objects.filter(raw_id__in=raw_ids).select_related("conversation__ticket"):
        ticket = letter.conversation.ticket
        filed[letter.raw_id] = Received(Outcome.RECORDED, SIDE_LETTER, ticket.pk, ticket.number)
    return filed


def _rows(query: str, values: list[str], *more: datetime) -> list[tuple[Any, ...]]:
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [values, *more])
        return cursor.fetchall()
