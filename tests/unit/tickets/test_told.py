"""What customers are told of the journal: every event is decided, and each that is told reads in both languages."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from events.event import DomainEvent
from tickets.policies.told import OF_ACCOUNT, OF_CONTACT, OF_OTHERS, OF_TICKET, Told, steps
from web.templatetags.panel import step_words

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def recorded(kind: type[DomainEvent] = DomainEvent) -> set[type[DomainEvent]]:
    """Every event of the rooms; those that others are built on are none themselves."""
    more = kind.__subclasses__()
    return set().union(*map(recorded, more)) if more else {kind}


def of_the_rooms() -> dict[str, type[DomainEvent]]:
    for path in Path(settings.BASE_DIR).glob("*/event_types*"):
        import_module(f"{path.parent.name}.event_types")
    import_module("events.erasure")
    return {kind.__name__: kind for kind in recorded() if not kind.__module__.startswith("tests.")}


def test_every_event_of_the_journal_is_told_or_hidden_for_a_reason():
    decided = {**OF_TICKET, **OF_CONTACT, **OF_ACCOUNT, **OF_OTHERS}
    undecided = sorted(of_the_rooms().keys() - decided.keys())
    assert not undecided, f"decide in tickets/policies/told.py what customers are told of {undecided}"
    assert not decided.keys() - of_the_rooms().keys()
    assert len(decided) == len(OF_TICKET) + len(OF_CONTACT) + len(OF_ACCOUNT) + len(OF_OTHERS)


@pytest.mark.parametrize(
    ("table", "room"),
    [(OF_TICKET, "ticket"), (OF_CONTACT, "contact"), (OF_ACCOUNT, "account")],
    ids=["ticket", "contact", "account"],
)
def test_what_is_told_of_stands_in_the_journal_that_is_read(table, room):
    for name, entry in table.items():
        kind = of_the_rooms()[name]
        if isinstance(entry, Told):
            blank = object.__new__(kind)
            object.__setattr__(blank, f"{room}_id", 7)
            object.__setattr__(blank, "person", f"{room}:7")
            assert blank.stream == f"{room}:7", name
            assert not entry.by or entry.by in kind.__dataclass_fields__, name


def words_of(entry: Told) -> list[str]:
    return [entry.words] if isinstance(entry.words, str) else list(filter(None, entry.words.values()))


TOLD = {name: entry for name, entry in {**OF_TICKET, **OF_CONTACT, **OF_ACCOUNT}.items() if isinstance(entry, Told)}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_reads_in_both_languages(name):
    for words in words_of(TOLD[name]):
        with translation.override("ru"):
            assert translation.gettext(words) != words, words


def row(place: int, event: str, seconds: int = 0, **data: object) -> dict[str, object]:
    return {"id": place, "type": event, "at": AT + timedelta(seconds=seconds), "data": data}


def told(*rows: dict[str, object], decides: bool = False, now: datetime = AT + timedelta(hours=1)) -> list[str]:
    with translation.override("en"):
        return [step_words(step) for step in steps(rows, OF_TICKET, decides=decides, now=now)]


REPLY = row(1, "ReplyQueued", message_id=5, is_automatic=False, waits_seconds=15)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([row(1, "TicketOpened", number="123456789")], ["We have the request"], id="opened"),
        pytest.param([row(1, "AssigneeChanged", after=7)], ["A colleague takes care of it"], id="taken without a name"),
        pytest.param([row(1, "AssigneeChanged", before=7)], ["It waits for the next free colleague"], id="put back"),
        pytest.param([row(1, "StatusChanged", before="open", after="resolved")], ["Solved"], id="state"),
        pytest.param([row(1, "StatusChanged", before="open", after="unheard")], [], id="an unknown state is hidden"),
        pytest.param([row(1, "NoteAdded", note_id=3), row(2, "TicketTagged", name="vip")], [], id="the desk's own"),
        pytest.param([row(1, "FieldFilled", after="secret"), row(2, "NeverHeardOf")], [], id="what is in no table"),
        pytest.param([row(1, "TicketsJoined", number="123456789")], ["Request HD-123-456-789 was joined to this one"],
                     id="merged"),
        pytest.param([REPLY, row(2, "ReplyQueued", message_id=5)], ["We answered"], id="an answer sent again is one"),
        pytest.param([REPLY, row(2, "ReplyWithdrawn", message_id=5)], [], id="an answer taken back is none"),
        pytest.param([row(1, "PromiseMade", promise_id=3, message_id=5), REPLY | {"id": 2}],
                     ["We made a promise", "We answered"], id="a promise told with an answer"),
        pytest.param([row(1, "PromiseMade", message_id=5), REPLY | {"id": 2}, row(3, "ReplyWithdrawn", message_id=5)],
                     [], id="a promise taken back with its answer"),
        pytest.param([row(1, "ReplyDelivered", status="sent")], [], id="a letter that came"),
        pytest.param([row(1, "ReplyDelivered", status="failed")], ["A letter could not be delivered"], id="a lost one"),
    ],
)  # fmt: skip
def test_the_steps_of_a_ticket(rows, expected):
    assert told(*rows) == expected


def test_an_answer_is_told_once_it_has_left():
    assert told(REPLY, now=AT + timedelta(seconds=14)) == []
    assert told(REPLY, now=AT + timedelta(seconds=15)) == ["We answered"]


def test_critical_actions_are_told_to_who_decides_about_the_account():
    rows = [row(1, "ActionRequested", kind="owner"), row(2, "ActionEnded", how="expired")]
    assert told(*rows) == []
    assert told(*rows, decides=True) == [
        "An important action was asked for", "The important action was not confirmed in time",
    ]  # fmt: skip
