"""Finding tickets by what people say of them. The newest come first; nothing is ever counted.

How words are looked for is chosen here, because PostgreSQL has one plan for rare and for common words and is wrong by
a factor of a thousand for one of them: words of few texts are asked of the index and sorted, words of many are met
soon enough by walking back in time. How many texts hold a word is known (SearchWord).
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from core.normal_forms import normal_form
from customers.queries import Named, find_named
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import calls_visible_to, visible_to
from tickets.models import Message, Note, Ticket
from tickets.numbers import pretty
from tickets.policies.level import level_now
from tickets.policies.search import Asked, Reading, Stem, read, snippet, understand, unknown

PAGE = 20
FETCHES = (25, 200, 2_000)  # hits taken at a time, for readers who may see few of them
MOST_HITS = 20_000  # of the index: a word nobody counted may be common after all
DEARER = 3  # a row found by the index, compared with one walked past (measured: bench search)
WALK_MARGIN = 4  # how much further than expected a walk goes before the index is asked after all
SNIPPET_CHARACTERS = 4_000

# A stem with digits and the like is not counted and taken for rare.
_STEMS = """
    SELECT given, stem, CASE WHEN stem ~ '[0-9@/]' OR length(stem) < 2 THEN NULL ELSE coalesce(known.texts, 0) END,
        (SELECT texts FROM tickets_searchword WHERE word = ''), (SELECT count(*) FROM staff_team)
    FROM unnest(%(words)s) AS given, unnest(tsvector_to_array(to_tsvector('russian', given))) AS stem
    LEFT JOIN tickets_searchword AS known ON known.word = stem"""
_LONGER = """
    SELECT stem, sum(texts) FROM unnest(%(stems)s) AS stem
    JOIN tickets_searchword ON word > stem AND word < stem || chr(65535) WHERE length(stem) > 2 GROUP BY stem"""
_ALIKE = """
    SELECT stem, near.word, near.texts FROM unnest(%(stems)s) AS stem CROSS JOIN LATERAL (
        SELECT word, texts, levenshtein_less_equal(word, stem, 2) AS changes FROM tickets_searchword
        WHERE word %% stem AND abs(length(word) - length(stem)) < 3
        ORDER BY 3, texts DESC LIMIT 1
    ) AS near WHERE length(stem) BETWEEN 4 AND 40 AND near.changes <= CASE WHEN length(stem) > 5 THEN 2 ELSE 1 END"""
_HITS = """
    SELECT hit.id, hit.at, coalesce(m.ticket_id, n.ticket_id), hit.message_id, hit.note_id FROM ({found}) AS hit
    LEFT JOIN tickets_message AS m ON m.id = hit.message_id LEFT JOIN tickets_note AS n ON n.id = hit.note_id
    ORDER BY hit.at DESC, hit.id DESC"""
_BY_INDEX = """
    WITH found AS MATERIALIZED (
        SELECT id, at, message_id, note_id FROM tickets_searchentry WHERE words @@ %(query)s::tsquery LIMIT %(most)s
    ) SELECT * FROM found WHERE {bounds} ORDER BY at DESC, id DESC LIMIT %(limit)s"""
_BY_TIME = """
    SELECT id, at, message_id, note_id FROM (
        SELECT * FROM tickets_searchentry WHERE {bounds} ORDER BY at DESC, id DESC LIMIT %(steps)s
    ) AS walked WHERE words @@ %(query)s::tsquery LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What the tickets found must be, besides holding the words."""

    status: str = ""
    queue: str = ""
    assignee: str = ""  # staff id, "nobody" or ""
    door: str = ""
    level: int | None = None  # at least
    since: datetime | None = None  # of the text found
    until: datetime | None = None
    account: str = ""  # its public id


NO_FILTER = SearchFilter()


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket and the newest text in it that was searched for."""

    number: str
    pretty_number: str
    subject: str
    customer: str
    status: str
    door: str
    level: int
    at: datetime
    snippet: str
    is_note: bool
    is_erased: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    asked: Asked
    named: tuple[Named, ...] = ()
    rows: tuple[Found, ...] = ()
    next_cursor: str = ""
    stems: tuple[str, ...] = ()  # what to mark in subjects and snippets
    instead: tuple[tuple[str, str], ...] = ()
    call: str = ""  # digits of the call whose number was typed
    is_too_common: bool = False  # nothing was typed but words that stand in every text


@dataclass(frozen=True, slots=True)
class _Hit:
    at: datetime
    ticket_id: int
    entry_id: int = 0  # 0: the ticket itself was meant, by whose it is
    message_id: int | None = None
    note_id: int | None = None


def search(actor: Actor, typed: str, *, chosen: SearchFilter = NO_FILTER, after: str = "", now: datetime) -> SearchPage:
    """Tickets the actor may see that hold every word typed, or are of whoever was named; and who was named.

    Five to eight queries, whatever the size of the desk.
    """
    asked = understand(typed)
    if asked.number:
        rows = _rows(actor, SearchFilter(), [_Hit(now, pk) for pk in _of_number(actor, asked.number)], now=now)
        if rows:
            return SearchPage(asked, (), tuple(rows.values()))
        if calls_visible_to(actor).filter(number=asked.number).exists():
            return SearchPage(asked, call=asked.number)
    named = _named(asked)
    of = _of(asked, named, chosen)
    reading, total, teams = _reading(asked)
    # Who sees the tickets of some teams only has to be shown more hits to see as many.
    spread = 1 if actor.may(Perm.SEE_ALL_TICKETS) else max(1, teams / max(1, len(actor.team_ids)))
    cursor = _cursor(after)
    stems = tuple(term.stem for term in reading.terms)
    owned = _owned(actor, chosen, of, cursor)
    hits: list[_Hit] = []
    shown: dict[int, Found] = {}
    is_more = False
    for fetch in FETCHES:
        limit = int(fetch * spread)
        words, is_whole = _hits(reading, total, chosen, cursor, limit=limit) if reading.terms else ([], True)
        hits = sorted([*words, *owned], key=lambda hit: hit.at, reverse=True)
        shown = _rows(actor, chosen, hits, now=now)
        is_more = not is_whole or len(owned) > PAGE
        if is_whole or len(shown) > PAGE:
            break
    newest: dict[int, _Hit] = {}
    last: list[_Hit] = []
    for hit in hits:
        if hit.ticket_id in shown and hit.ticket_id not in newest:
            if len(newest) == PAGE:
                is_more = True
                break
            newest[hit.ticket_id] = hit
        last.append(hit)
    rows_of = _with_texts(newest, shown, stems)
    by_words = any(hit.entry_id for hit in newest.values())
    return SearchPage(
        asked,
        tuple(named),
        tuple(rows_of),
        _next(last, cursor) if is_more and last else "",
        stems,
        reading.instead if by_words else (),  # else it would tell that a word stands where the actor sees nothing
        is_too_common=bool(asked.words) and not reading.terms and of is None,
    )


def _named(asked: Asked) -> list[Named]:
    letters = [word.own for word in asked.words if len(word.own) > 2 and word.own.isalpha()]
    names = letters if len(letters) == len(asked.words) else []
    if not (asked.emails or asked.domains or asked.codes or asked.phone or names):
        return []
    return find_named(emails=asked.emails, domains=asked.domains, codes=asked.codes, phone=asked.phone, names=names)


def _of(asked: Asked, named: Iterable[Named], chosen: SearchFilter) -> Q | None:
    """Whose tickets are meant, if nothing but somebody's login, contract, domain, address or number was typed.

    All of the filter, if an account is chosen there and nothing is typed.
    """
    if chosen.account and not asked.words:
        return Q()
    if len(asked.words) > 1 and not asked.phone:
        return None
    accounts = {each.public_id for each in named if each.is_exact}
    if not accounts and not asked.emails:
        return None
    return Q(account__public_id__in=accounts) | Q(requester_email__in=filter(None, map(normal_form, asked.emails)))


def _reading(asked: Asked) -> tuple[Reading, int, int]:
    """What to look for, how many texts and teams there are. One query, three if a word occurs nowhere."""
    words = [form for word in asked.words for form in (word.own, word.twin) if form]
    if not words:
        return Reading(()), 0, 0
    stems: dict[str, tuple[Stem, ...]] = {}
    total = teams = 0
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, {"words": words})
        for given, stem, texts, all_texts, all_teams in cursor.fetchall():
            stems[given] = (*stems.get(given, ()), Stem(stem, texts))
            total, teams = all_texts or 0, all_teams
        longer: dict[str, int] = {}
        alike: dict[str, Stem] = {}
        if nowhere := unknown(asked.words, stems):
            cursor.execute(_LONGER, {"stems": nowhere})
            longer = {stem: int(texts) for stem, texts in cursor.fetchall()}
            if still := [stem for stem in nowhere if stem not in longer]:
                cursor.execute(_ALIKE, {"stems": still})
                alike = {stem: Stem(word, texts) for stem, word, texts in cursor.fetchall()}
    return read(asked.words, stems=stems, longer=longer, alike=alike), total, teams


def _tsquery(reading: Reading) -> str:
    quoted = (
        "'" + term.stem.replace("\\", "\\\\").replace("'", "''") + ("':*" if term.is_prefix else "'")
        for term in reading.terms
    )
    return " & ".join(quoted)


def _hits(
    reading: Reading, total: int, chosen: SearchFilter, cursor: "_Cursor", *, limit: int
) -> tuple[list[_Hit], bool]:
    """The newest texts that hold every term, and whether these are all. One query, rarely two."""
    steps = WALK_MARGIN * limit * total // max(reading.rarest, 1)
    values = {"query": _tsquery(reading), "limit": limit, "most": MOST_HITS, "steps": steps, **cursor.values}
    bounds = _bounds(chosen, cursor, values)
    # Reading all that hold the word costs as many rows as there are, walking as many as stand between enough of them;
    # and rows found by the index lie anywhere in the table, those of one time together.
    if DEARER * reading.rarest**2 > limit * total:
        found = _run(_BY_TIME, bounds, values)
        if len(found) == limit:
            return found, False
        if steps >= total:
            return found, True
    found = _run(_BY_INDEX, bounds, values)
    return found, len(found) < limit


def _run(source: str, bounds: str, values: dict[str, Any]) -> list[_Hit]:
    with connection.cursor() as cursor:
        cursor.execute(_HITS.format(found=source.format(bounds=bounds)), values)
        return [_Hit(at, ticket, entry, message, note) for entry, at, ticket, message, note in cursor.fetchall()]


def _bounds(chosen: SearchFilter, cursor: "_Cursor", values: dict[str, Any]) -> str:
    bounds = ["true"]
    if cursor.entry_id:
        bounds.append("(at, id) < (%(entry_at)s, %(entry_id)s)")
    for name, sign in (("since", ">="), ("until", "<")):
        if moment := getattr(chosen, name):
            values[name] = moment
            bounds.append(f"at {sign} %({name})s")
    return " AND ".join(bounds)


def _of_number(actor: Actor, number: str) -> list[int]:
    return list(visible_to(actor).filter(number=number).values_list("pk", flat=True))


def _owned(actor: Actor, chosen: SearchFilter, of: Q | None, cursor: "_Cursor") -> list[_Hit]:
    """The newest tickets of whom the search names, along the index of the account or the address."""
    if of is None:
        return []
    tickets = _filtered(visible_to(actor).filter(of), chosen)
    if cursor.ticket_id:
        tickets = tickets.filter(pk__lt=cursor.ticket_id)
    if chosen.since:
        tickets = tickets.filter(created_at__gte=chosen.since)
    if chosen.until:
        tickets = tickets.filter(created_at__lt=chosen.until)
    return [_Hit(at, pk) for pk, at in tickets.order_by("-pk").values_list("pk", "created_at")[: PAGE + 1]]


def _filtered(tickets: QuerySet[Ticket], chosen: SearchFilter) -> QuerySet[Ticket]:
    conditions: dict[str, Any] = {
        "status": chosen.status,
        "queue__slug": chosen.queue,
        "door": chosen.door,
        "account__public_id": chosen.account,
    }
    tickets = tickets.filter(**{name: value for name, value in conditions.items() if value})
    if chosen.level is not None:
        tickets = tickets.filter(level__gte=chosen.level)
    if chosen.assignee == "nobody":
        return tickets.filter(assignee=None)
    return tickets.filter(assignee_id=int(chosen.assignee)) if chosen.assignee else tickets


def _rows(actor: Actor, chosen: SearchFilter, hits: Iterable[_Hit], *, now: datetime) -> dict[int, Found]:
    """Of the tickets hit those that the actor may see and the filter allows. One query."""
    tickets = _filtered(visible_to(actor).filter(pk__in={hit.ticket_id for hit in hits}), chosen)
    found = tickets.values(
        "pk", "number", "subject", "account__name", "requester_name", "requester_email", "status", "door", "level",
        "level_until", "created_at", "preview", "erased_at",
    )  # fmt: skip
    return {
        row["pk"]: Found(
            row["number"],
            pretty(row["number"]),
            row["subject"],
            row["account__name"] or row["requester_name"] or ("" if row["erased_at"] else row["requester_email"]),
            row["status"],
            row["door"],
            level_now(row["level"], row["level_until"], now=now),
            row["created_at"],
            row["preview"],
            is_note=False,
            is_erased=row["erased_at"] is not None,
        )
        for row in found
    }


def _with_texts(newest: dict[int, _Hit], shown: dict[int, Found], stems: Sequence[str]) -> Iterable[Found]:
    """The rows in the order of their hits, each with the words around what was found. Two queries."""
    messages = _texts(Message, [hit.message_id for hit in newest.values() if hit.message_id])
    notes = _texts(Note, [hit.note_id for hit in newest.values() if hit.note_id])
    for ticket_id, hit in newest.items():
        row = shown[ticket_id]
        text = notes.get(hit.note_id or 0) or messages.get(hit.message_id or 0)
        words = snippet(text, stems) if text else row.snippet
        yield replace(row, at=hit.at, snippet=words, is_note=hit.note_id is not None)


def _texts(model: type[Message | Note], keys: Sequence[int]) -> dict[int, str]:
    if not keys:
        return {}
    beginning = Left("text", SNIPPET_CHARACTERS)
    return dict(model.objects.filter(pk__in=keys).annotate(beginning=beginning).values_list("pk", "beginning"))


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where the page before ended: among the texts, and among the tickets of whom the search names."""

    entry_at: str = ""
    entry_id: int = 0
    ticket_id: int = 0

    @property
    def values(self) -> dict[str, Any]:
        return {"entry_at": self.entry_at, "entry_id": self.entry_id}


def _cursor(text: str) -> _Cursor:
    """A damaged cursor is the first page: it came from an address bar."""
    try:
        at, entry_id, ticket_id = json.loads(base64.urlsafe_b64decode(text))
        return _Cursor(datetime.fromisoformat(at).isoformat() if at else "", int(entry_id), int(ticket_id))
    except (ValueError, TypeError):
        return _Cursor()


def _next(hits: Sequence[_Hit], before: _Cursor) -> str:
    entry = next((hit for hit in reversed(hits) if hit.entry_id), None)
    owned = next((hit for hit in reversed(hits) if not hit.entry_id), None)
    at, entry_id = (entry.at.isoformat(), entry.entry_id) if entry else (before.entry_at, before.entry_id)
    place = json.dumps([at, entry_id, owned.ticket_id if owned else before.ticket_id])
    return base64.urlsafe_b64encode(place.encode()).decode()
