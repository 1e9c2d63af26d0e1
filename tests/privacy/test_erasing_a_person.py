"""After somebody is erased no table and no file names him, but for what is listed here with its reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.db import connection

from api.models import KeptAnswer
from assurance.models import AccountLetter, ActionKind, Confirmation, CriticalAction, View
from channels_app.models import Channel, HeldFile, HeldRequest, RawMessage, RawState, TurnedAway, Visit
from core import blobs
from core.clock import now as read_clock
from core.named import Named
from customers.models import Account, Contact, ContactPoint, ContactRole, ImportKey, ImportLine, ImportRun
from events import outbox
from events.models import EventPayload
from events.verification import verify
from ops.models import DemoMail
from privacy import erasing
from privacy.erasing import Refused
from staff.actor import Actor
from tests import cast
from tests.cast import BORIS, NOW, anna, desk, letter, origin, vouched
from tests.web.test_setup_privacy import close, told
from tickets.event_types import FieldFilled
from tickets.models import (
    Attachment,
    Call,
    ChecklistItem,
    Draft,
    IdentityClaim,
    Message,
    Note,
    OutboundCopy,
    Participant,
    Promise,
    SavedView,
    SearchWord,
    SenderRule,
    SideConversation,
    SideLetter,
    Ticket,
)
from tickets.services import search
from tickets.services.intake import receive
from users import api_tokens
from users.models import User

MARFA, OTHER_ADDRESS = "marfa@nettle.example", "m.krapivina@work.example"
PHONE, AS_DIALLED = "+79161234567", "8 (916) 123-45-67"
NAME, LOGIN = "Марфа Крапивина", "krapivina-login"
SAID = f"Пишет {NAME}, {MARFA}, звоните {AS_DIALLED}"
# What a scan for her looks for: more than the pattern of the program itself, which never looks for a bare surname.
TRACES = ("nettle.example", "m.krapivina", "9161234567", "916. 123-45-67", "крапивин", LOGIN)

# column: why it stays
KEPT = {
    "tickets_senderrule.value": "a block of her address protects the desk until somebody lifts it",
}


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    cache.clear()
    desk()
    anna()


@pytest.fixture
def admin() -> Actor:
    return cast.actor("the-admin", "admin")


@pytest.fixture
def on_file() -> Contact:
    account = Account.objects.get(login="annahost")
    user = User.objects.create_user(MARFA, "demo-helpdesk", login=LOGIN)
    contact = Contact.objects.create(given_name="Марфа", surname="Крапивина", external_id="x-крапивина", user=user)
    for kind, value in (("email", MARFA), ("email", OTHER_ADDRESS), ("phone", PHONE)):
        ContactPoint.objects.create(account=account, contact=contact, kind=kind, value=value, literal=AS_DIALLED)
    ContactRole.objects.create(account=account, contact=contact, role="technical")
    return contact


@pytest.fixture
def elsewhere() -> Ticket:
    """Boris asked it; Marfa wrote there, was written to aside, and others speak of her."""
    ticket = told(BORIS, "чужая", b"a file of his")
    staff = cast.person("writer", "agent", "first-line")
    asked = Message.objects.get(ticket=ticket, author="requester")
    raw = RawMessage.objects.create(
        channel=Channel.objects.order_by("id").first(),
        door="smtp",
        received_at=NOW,
        size_bytes=9,
        digest=blobs.put(SAID.encode()).digest,
        dedupe_key=uuid4().hex,
        sender=MARFA,
        subject=SAID,
        state=RawState.FILED,
        ticket_id=ticket.pk,
    )
    heard = letter(
        MARFA, f"Re: {SAID}", SAID, html=f"<p>{SAID}</p>", in_reply_to=(asked.message_id,), facts=vouched(MARFA)
    )
    filed = receive(heard, origin=origin(str(raw.public_id)), now=NOW)
    assert filed.ticket_id == ticket.pk
    hers = Message.objects.get(ticket=ticket, raw_id=str(raw.public_id))
    Attachment.objects.create(
        message=hers,
        filename=f"{NAME}.png",
        content_type="image/png",
        size_bytes=9,
        digest=blobs.put(SAID.encode() * 2).digest,
    )
    Message.objects.filter(pk=asked.pk).update(
        recipients={"cc": [MARFA]}, sender_literal="Борис", subject=f"Тема {NAME}"
    )
    answer = Message.objects.create(
        ticket=ticket, direction="out", author="agent", staff=staff, text=f"Спасибо. {SAID}", quoted_text=SAID,
        html=SAID,
        recipients={"to": [BORIS], "cc": [MARFA]}, message_id="answer@desk", created_at=NOW,
    )  # fmt: skip
    OutboundCopy.objects.create(message=answer, email=MARFA, name=NAME, mail_id="copy@desk", detail=f"550 {MARFA}")
    Participant.objects.create(ticket=ticket, email=MARFA, name=NAME, added_by="staff:1", added_at=NOW)
    Note.objects.create(ticket=ticket, staff=staff, text=SAID, mentions=[[0, 3]], created_at=NOW)
    Promise.objects.create(
        ticket=ticket, is_answer=False, words=f"Перезвонить: {NAME}", due_at=NOW, staff=staff, made_at=NOW
    )
    ChecklistItem.objects.create(message=answer, place=1, kind="text", words=f"Согласие: {NAME}")
    called = Note.objects.create(ticket=ticket, staff=staff, text=SAID, created_at=NOW)
    about = {"subject": SAID, "words": SAID, "summary": SAID, "caller_name": NAME, "caller_literal": AS_DIALLED}
    Call.objects.create(
        number="900000001", direction="in", caller_number=PHONE, number_source="shown", staff=staff, language="ru",
        started_at=NOW, ticket=ticket, note=called, **about,
    )  # fmt: skip
    Call.objects.create(
        number="900000002", direction="in", caller_number=PHONE, number_source="shown", staff=staff, language="ru",
        started_at=NOW, **about,
    )  # fmt: skip
    aside = SideConversation.objects.create(ticket=ticket, email=OTHER_ADDRESS, name=NAME, created_at=NOW)
    SideLetter.objects.create(
        conversation=aside,
        direction="in",
        sender_email=OTHER_ADDRESS,
        subject=SAID,
        text=SAID,
        message_id="a@b",
        created_at=NOW,
    )
    Draft.objects.create(ticket=ticket, staff=staff, mode="reply", text=SAID, beside={"cc": MARFA}, updated_at=NOW)
    IdentityClaim.objects.create(ticket=ticket, kind="phone", value=PHONE, literal=AS_DIALLED)
    Ticket.objects.filter(pk=ticket.pk).update(
        field_values={"1": AS_DIALLED}, details=[["phone", AS_DIALLED]], preview=SAID, subject=f"Тема {NAME}"
    )
    outbox.record(FieldFilled(ticket_id=ticket.pk, field_id=1, before="", after=AS_DIALLED), by="staff:1", now=NOW)
    View.objects.create(staff=staff, ticket=ticket, hour=NOW, fields="card", reason=f"Звонила {NAME}")
    return ticket


@pytest.fixture
def around(admin: Actor, on_file: Contact) -> None:
    """What is kept beside tickets."""
    account = Account.objects.get(login="annahost")
    staff = cast.person("helper", "lead", "first-line")
    hers = told(MARFA, "её", b"a file of hers")
    Ticket.objects.filter(pk=hers.pk).update(requester_name=NAME, field_values={"1": AS_DIALLED})
    close(hers)
    second = told(OTHER_ADDRESS, "её", b"a second file of hers")
    close(second)
    kind = ActionKind.objects.first() or ActionKind.objects.create(
        code="change_mail", name_ru="x", name_en="x", words_ru="x", words_en="x", level=5
    )
    action = CriticalAction.objects.create(
        kind=kind, account=account, ticket=hers, parameters={"address": MARFA}, language="ru",
        words=f"Сменить адрес на {MARFA}",
        digest="0" * 64, level_needed=5, state="executed", requested_by="staff:1", requested_at=NOW, expires_at=NOW,
    )  # fmt: skip
    Confirmation.objects.create(
        action=action,
        email=MARFA,
        token_digest="1" * 64,
        code_digest="2" * 64,
        words_digest="0" * 64,
        made_at=NOW,
        expires_at=NOW,
    )
    AccountLetter.objects.create(
        account=account, email=MARFA, language="ru", subject=SAID, mail_id="l@desk", created_at=NOW, status="sent"
    )
    run = ImportRun.objects.create(
        kind="contacts", state="done", filename="contacts.csv", size_bytes=9,
        digest=blobs.put(f"{NAME};{PHONE}".encode()).digest,
        encoding="utf-8", separator=";", by="staff:1", finished_at=NOW,
    )  # fmt: skip
    ImportLine.objects.create(
        run=run, number=1, verdict="new", values={"email": MARFA, "phone": PHONE}, changes={"n": NAME}
    )
    ImportKey.objects.create(run=run, key=f"contact:{MARFA}", number=1)
    token = api_tokens.make("panel", list(api_tokens.Scope)[:1], per_minute=60, expires_at=None, by="staff:1", now=NOW)
    assert token
    KeptAnswer.objects.create(
        token_id=api_tokens.ApiToken.objects.get().pk,
        key="k",
        digest="3" * 64,
        status=201,
        answer={"emails": [MARFA]},
        created_at=NOW,
    )
    request = uuid4()
    HeldRequest.objects.create(request_id=request, typed={"text": SAID}, email=MARFA, language="ru", created_at=NOW)
    HeldFile.objects.create(
        request_id=request, filename=f"{NAME}.txt", content_type="text/plain", digest=blobs.put(NAME.encode()).digest,
        size_bytes=9, created_at=NOW,
    )  # fmt: skip
    Visit.objects.create(number=hers.number, email=MARFA, language="ru", asked_at=NOW)
    TurnedAway.objects.create(day=NOW.date(), last_at=NOW, reason="too_large", sender=MARFA)
    AccessAttempt.objects.create(username=LOGIN, ip_address="10.0.0.1", failures_since_start=1)
    AccessAttempt.objects.create(username=MARFA, ip_address="10.0.0.1", failures_since_start=1)
    SenderRule.objects.create(list="block", value=MARFA, reason=NAME, staff=staff, made_at=NOW, removed_at=NOW)
    SavedView.objects.create(owner=staff, name=f"Всё {NAME}"[:60], query=f"q={MARFA}")
    Draft.objects.create(ticket=None, staff=staff, mode="new", text=SAID, beside={"to": MARFA}, updated_at=NOW)
    DemoMail.objects.create(rcpt_to=MARFA, subject=SAID, raw=SAID.encode())
    search.index_all()


_COLUMNS = """
    SELECT relname, attname, format_type(atttypid, NULL)
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = 'public' AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
       AND atttypid IN ('text'::regtype, 'varchar'::regtype, 'json'::regtype, 'jsonb'::regtype, 'bytea'::regtype,
                        'text[]'::regtype, 'varchar[]'::regtype, 'tsvector'::regtype, 'inet'::regtype)
     ORDER BY 1, 2"""


def found_in_database() -> set[str]:
    """Every column of every table that the catalogue knows."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        columns = cursor.fetchall()
        assert len(columns) > 200, "the catalogue was not read"
        for table, column, kind in columns:
            words = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {words} ~* %s', ["|".join(TRACES)])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def found_in_files() -> set[str]:
    traces = [trace.encode() for trace in (MARFA, OTHER_ADDRESS, NAME, PHONE)]
    return {digest for digest in blobs.stored() if any(trace in blobs.read(digest) for trace in traces)}


@pytest.mark.parametrize("asked_for", [MARFA, f" {OTHER_ADDRESS.upper()}", AS_DIALLED, LOGIN.upper()])
def test_nothing_names_her_any_more(admin: Actor, elsewhere: Ticket, around: None, asked_for: str) -> None:
    before = found_in_database()
    for place in (
        "tickets_message.text", "tickets_message.quoted_text", "tickets_note.text", "tickets_ticket.field_values",
        "assurance_criticalaction.words", "customers_importline.values", "api_keptanswer.answer",
        "events_eventpayload.data",
        "tickets_searchentry.words", "tickets_searchword.word", "users_user.login", "ops_demomail.raw",
    ):  # fmt: skip
        assert place in before, f"the test itself says nothing about {place}"
    assert found_in_files()
    erasing.erase(asked_for, reason="Обращение 7", by=admin, now=read_clock())
    search.index_all()
    assert found_in_database() == set()
    assert found_in_files() == set()
    assert list(verify()) == []


def test_what_others_wrote_stays_and_is_found(admin: Actor, elsewhere: Ticket, around: None) -> None:
    erasing.erase(MARFA, reason="Обращение 7", by=admin, now=read_clock())
    search.index_all()
    answer = Message.objects.get(ticket=elsewhere, author="agent")
    assert answer.text == "Спасибо. Пишет •••, •••, звоните •••"
    assert answer.recipients == {"to": [BORIS], "cc": ["•••"]}
    assert Message.objects.filter(ticket=elsewhere, author="requester", text__contains="чужая").exists()
    after = Ticket.objects.get(pk=elsewhere.pk)
    assert (after.requester_email, after.erased_at, after.subject) == (BORIS, None, "Тема •••")
    assert Attachment.objects.get(message__ticket=elsewhere).filename == "чужая.png"
    assert SearchWord.objects.filter(word__startswith="спасиб").exists()
    assert not SearchWord.objects.filter(texts__lte=0).exists()


def test_a_block_of_her_address_stays(admin: Actor, elsewhere: Ticket, around: None) -> None:
    staff = cast.person("blocker", "lead", "first-line")
    SenderRule.objects.create(list="block", value=MARFA, staff=staff, made_at=NOW)
    erasing.erase(MARFA, reason="Обращение 7", by=admin, now=read_clock())
    search.index_all()
    assert found_in_database() == set(KEPT)


def test_whoever_only_wrote_to_others_is_erased_too(admin: Actor, elsewhere: Ticket) -> None:
    """Nobody on file, no ticket of her own."""
    scope = erasing.scope_of(MARFA, by=admin)
    assert (scope.counts["tickets"], scope.counts["elsewhere"], scope.counts["written_there"]) == (0, 1, 1)
    erasing.erase(MARFA, reason="Обращение 7", by=admin, now=read_clock())
    assert not Message.objects.filter(sender_email=MARFA).exists()
    assert not Participant.objects.filter(email=MARFA).exists()
    assert not EventPayload.objects.filter(event__type="FieldFilled", data__after=MARFA).exists()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda: CriticalAction.objects.update(state="authorised", expires_at=NOW + timedelta(days=1)), "open_action"),
        (lambda: ImportRun.objects.update(state="applying", finished_at=None), "importing"),
        (lambda: Ticket.objects.filter(requester_email=BORIS).update(keep_reason="Суд"), "kept"),
    ],
    ids=["an action is open", "an import is at work", "a ticket of another is kept"],
)
def test_what_is_not_done_yet_stops_it(admin: Actor, elsewhere: Ticket, around: None, spoil, code: str) -> None:
    spoil()
    with pytest.raises(Refused) as refused:
        erasing.erase(MARFA, reason="Обращение 7", by=admin, now=read_clock())
    assert refused.value.code == code
    assert Message.objects.filter(sender_email=MARFA).exists()


@pytest.mark.parametrize("reason", [f"от {NAME.upper()}", f"с {PHONE}", f"от {OTHER_ADDRESS}"])
def test_the_act_names_nobody(admin: Actor, around: None, reason: str) -> None:
    with pytest.raises(Refused, match="names_him"):
        erasing.erase(MARFA, reason=reason, by=admin, now=read_clock())


def test_the_pattern_knows_ways_of_writing() -> None:
    person = Named(frozenset({"a.b+c@xn--80ak6aa92e.example"}), frozenset({PHONE}), frozenset({"Анна  Ли", "Анна"}))
    written = ("A.B+C@xn--80ak6aa92e.example", "тел.89161234567", "+7 916 123 45 67", "8(916)1234567", "анна ли")
    others = ("aXb+c@xn--80ak6aa92e.example", "x.a.b+c@xn--80ak6aa92e.example2", "891612345678", "Анна", "Суанна лира")
    with connection.cursor() as cursor:
        for words, is_hers in (*((w, True) for w in written), *((o, False) for o in others)):
            cursor.execute("SELECT %s ~* %s", [words, person.pattern])
            assert cursor.fetchone()[0] is is_hers, words
