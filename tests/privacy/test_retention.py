"""What is past its time goes, some at a time, with an act; what is kept, open or young stays."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection

from assurance.models import View
from channels_app.models import RawMessage, RawState
from core import blobs
from core.clock import now as read_clock
from events.models import Event
from events.verification import verify
from helpdesk.schedule import BEAT
from privacy import files, retention
from privacy.models import Destruction, LeavingFile, RetentionRule
from staff.actor import Actor
from tests import cast
from tests.cast import ANNA, NOW, anna, desk, letter, origin, vouched
from tests.far import FarStorage
from tests.tickets.test_calls import closed, said
from tests.web.test_setup_privacy import told
from tickets.access import NotVisible
from tickets.enums import Disposition
from tickets.models import Attachment, Call, Message, Ticket
from tickets.services import calls, lifecycle, merging, outliving, spam
from tickets.services.intake import receive

WORD = "шалтаевна"
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    cache.clear()
    desk()
    anna()


@pytest.fixture
def lead() -> Actor:
    return cast.actor("the-lead", "lead", "first-line")


@pytest.fixture
def admin() -> Actor:
    return cast.actor("the-admin", "admin")


def rule(admin: Actor, code: str, days: int | None, *, at: datetime = NOW) -> None:
    retention.set_rules({code: days}, by=admin, now=at)


def words_of(ticket: Ticket) -> str:
    return " ".join(Message.objects.filter(ticket=ticket).values_list("text", flat=True)).strip()


def closed_on(ticket: Ticket, at: datetime, **more: object) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed", updated_at=at, **more)


def acts(basis: str) -> list[Destruction]:
    return list(Destruction.objects.filter(basis=basis).order_by("pk"))


def test_words_of_a_finished_ticket_go_and_its_figures_stay(admin: Actor) -> None:
    old, young = told(ANNA, WORD, b"only of the old one"), told(ANNA, "свежее", b"of the young one")
    closed_on(old, NOW)
    closed_on(young, NOW + 3 * YEAR)
    rule(admin, "tickets", 1000)
    retention.destroy_old(NOW + timedelta(days=999))
    assert WORD in words_of(old)
    retention.destroy_old(NOW + timedelta(days=1001))
    assert words_of(old) == ""
    assert "свежее" in words_of(young)
    after = Ticket.objects.get(pk=old.pk)
    (act,) = acts("tickets")
    assert (after.number, after.created_at, after.erased_act) == (old.number, old.created_at, act.pk)
    assert (act.tickets, act.counts["tickets"], act.days) == ([old.number], 1, 1000)
    assert hashlib.sha256(b"only of the old one").hexdigest() not in set(blobs.stored())
    assert hashlib.sha256(b"of the young one").hexdigest() in set(blobs.stored())
    assert bytes(RawMessage.objects.get(ticket_id=old.pk).content) == b""
    assert list(verify()) == []
    retention.destroy_old(NOW + timedelta(days=1001))
    assert len(acts("tickets")) == 1, "what is gone is not destroyed again"


def test_a_resolved_ticket_is_closed_when_its_words_go(admin: Actor) -> None:
    ticket = told(ANNA, WORD, b"x")
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved", updated_at=NOW)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + YEAR)
    assert Ticket.objects.get(pk=ticket.pk).status == "closed"
    changed = Event.objects.filter(stream=f"ticket:{ticket.pk}", type="StatusChanged").last()
    assert changed is not None
    assert changed.payload.data["after"] == "closed"


def test_open_kept_and_asked_about_tickets_stay(admin: Actor, lead: Actor) -> None:
    working, kept = told(ANNA, WORD, b"x"), told(ANNA, WORD, b"y")
    Ticket.objects.filter(pk=working.pk).update(updated_at=NOW)
    closed_on(kept, NOW)
    outliving.keep(kept.number, reason="Суд", by=lead, now=NOW)
    rule(admin, "tickets", 30)
    rule(admin, "mail", 30)
    RawMessage.objects.update(received_at=NOW)
    retention.destroy_old(NOW + YEAR)
    assert WORD in words_of(working)
    assert WORD in words_of(kept)
    assert RawMessage.objects.get(ticket_id=kept.pk).digest, "what proves a kept ticket is kept with it"
    assert RawMessage.objects.get(ticket_id=working.pk).digest == ""
    outliving.let_go(kept.number, by=lead, now=NOW + YEAR)
    retention.destroy_old(NOW + YEAR)
    assert words_of(kept) == ""
    assert list(verify()) == []


def test_only_those_who_may_take_evidence_keep_a_ticket() -> None:
    ticket = told(ANNA, WORD, b"x")
    agent = cast.actor("agent1", "agent", "first-line")
    with pytest.raises(NotVisible):
        outliving.keep(ticket.number, reason="Суд", by=agent, now=NOW)
    assert Ticket.objects.get(pk=ticket.pk).keep_reason == ""


def test_a_merged_ticket_follows_the_one_it_went_into(admin: Actor, lead: Actor) -> None:
    source, target = told(ANNA, WORD, b"x"), told(ANNA, "другое", b"y")
    merging.merge(source.number, target.number, by=lead, now=NOW)
    Ticket.objects.filter(pk=source.pk).update(updated_at=NOW)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + YEAR)
    assert WORD in words_of(target), "its words live on in a ticket that is open"
    assert WORD in Ticket.objects.get(pk=source.pk).subject
    closed_on(target, NOW)
    retention.destroy_old(NOW + YEAR)
    assert words_of(target) == ""
    assert Ticket.objects.get(pk=source.pk).subject == ""
    assert acts("tickets")[0].counts["tickets"] == 2


def test_spam_and_refused_mail_go_with_files(admin: Actor, lead: Actor) -> None:
    ticket = told(ANNA, WORD, b"x")
    spam.mark(ticket.number, by=lead, now=NOW)
    refused = told("other@elsewhere.example", WORD, b"y")
    RawMessage.objects.filter(ticket_id=refused.pk).update(state=RawState.REFUSED, received_at=NOW)
    rule(admin, "spam", 60)
    retention.destroy_old(NOW + timedelta(days=61))
    assert words_of(ticket) == ""
    assert RawMessage.objects.get(ticket_id=refused.pk).digest == ""
    assert (acts("spam")[0].counts["tickets"], acts("spam")[0].counts["refused"]) == (1, 1)


def test_mail_as_it_came_goes_and_its_words_stay(admin: Actor) -> None:
    ticket = told(ANNA, WORD, b"x")
    digest = RawMessage.objects.get(ticket_id=ticket.pk).digest
    rule(admin, "mail", 30)
    retention.destroy_old(NOW + timedelta(days=31))
    assert WORD in words_of(ticket)
    assert digest not in set(blobs.stored())
    assert acts("mail")[0].counts == {"mails": 1}


def test_views_past_their_time_go(admin: Actor, lead: Actor) -> None:
    ticket = told(ANNA, WORD, b"x")
    for days in (0, 300):
        View.objects.create(staff_id=lead.staff_id, ticket=ticket, hour=NOW + timedelta(days))
    rule(admin, "views", 180)
    retention.destroy_old(NOW + timedelta(days=301))
    assert [each.hour for each in View.objects.all()] == [NOW + timedelta(300)]


def test_a_rule_waits_for_a_day_and_the_first_run_destroys_nothing(admin: Actor) -> None:
    ticket = told(ANNA, WORD, b"x")
    closed_on(ticket, NOW - 9 * YEAR)
    retention.destroy_old(NOW)
    assert set(RetentionRule.objects.values_list("kind", flat=True)) == set(retention.KINDS)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + timedelta(hours=23))
    assert WORD in words_of(ticket)
    assert not Destruction.objects.exists()
    retention.destroy_old(NOW + timedelta(hours=25))
    assert words_of(ticket) == ""


def test_a_day_has_one_act_and_each_batch_an_entry_of_its_journal(admin: Actor, monkeypatch) -> None:
    monkeypatch.setattr("privacy.old._TICKETS_AT_ONCE", 2)
    for number in range(5):
        closed_on(told(ANNA, f"{WORD}{number}", b"x%d" % number), NOW)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + YEAR)
    (act,) = acts("tickets")
    assert len(act.tickets) == act.counts["tickets"] == 5
    told_of = Event.objects.filter(stream=f"act:{act.pk}").order_by("sequence")
    assert [event.payload.data["counts"]["tickets"] for event in told_of] == [2, 2, 1]
    assert list(verify()) == []


def test_what_breaks_off_is_done_again(admin: Actor, monkeypatch) -> None:
    """The process dies after a batch, before its files went."""
    ticket = told(ANNA, WORD, b"only here")
    closed_on(ticket, NOW)
    rule(admin, "tickets", 30)
    digest = hashlib.sha256(b"only here").hexdigest()
    with monkeypatch.context() as broken:
        broken.setattr(files, "take_away", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retention.destroy_old(NOW + YEAR)
    assert digest in set(blobs.stored())
    assert LeavingFile.objects.filter(digest=digest).exists()
    retention.destroy_old(NOW + YEAR)
    assert digest not in set(blobs.stored())
    assert not LeavingFile.objects.exists()
    assert len(acts("tickets")) == 1


def test_files_go_from_a_storage_that_is_no_file_system_once_it_is_in_reach(admin: Actor, settings) -> None:
    settings.STORAGES = settings.STORAGES | {"blobs": {"BACKEND": "tests.far.FarStorage"}}
    ticket = told(ANNA, WORD, b"only here")
    closed_on(ticket, NOW)
    rule(admin, "tickets", 30)
    digest = hashlib.sha256(b"only here").hexdigest()
    far = storages["blobs"]
    assert isinstance(far, FarStorage)
    far.is_out_of_reach = True
    later = read_clock() + YEAR
    retention.destroy_old(later)
    assert (words_of(ticket), digest in set(blobs.stored())) == ("", True)
    assert LeavingFile.objects.filter(digest=digest).exists()
    far.is_out_of_reach = False
    for _ in range(2):  # the second finds nothing to do
        retention.destroy_old(later)
        assert digest not in set(blobs.stored())
        assert not LeavingFile.objects.exists()


def call_on(at: datetime, agent: Actor, *, is_open: bool = False) -> Call:
    call = calls.register(said(words=WORD), by=agent, now=at)
    if not is_open:
        calls.close(call.number, Disposition.SOLVED, summary=WORD, is_for_customer=False, by=agent, now=at)
    return call


def test_calls_in_no_ticket_go_and_their_figures_stay(admin: Actor) -> None:
    agent = cast.actor("agent1", "agent", "first-line")
    ticket = told(ANNA, "о звонке", b"x")
    old, young = call_on(NOW, agent), call_on(NOW + 3 * YEAR, agent)
    open_one, in_a_ticket = call_on(NOW, agent, is_open=True), call_on(NOW, agent, is_open=True)
    calls.add_to_ticket(in_a_ticket.number, ticket.number, by=agent, now=NOW)
    closed(in_a_ticket, agent, Disposition.ADDED)
    rule(admin, "calls", 1000)
    retention.destroy_old(NOW + timedelta(days=999))
    assert Call.objects.get(pk=old.pk).words == WORD
    later = NOW + timedelta(days=1001)
    for _ in range(2):
        retention.destroy_old(later)
    gone = Call.objects.get(pk=old.pk)
    assert (gone.subject, gone.words, gone.summary, gone.caller_name, gone.caller_number) == ("",) * 5
    assert (gone.number, gone.started_at, gone.disposition, gone.erased_at) == (old.number, NOW, "solved", later)
    assert set(Call.objects.exclude(words="").values_list("pk", flat=True)) == {
        young.pk, open_one.pk, in_a_ticket.pk,
    }  # fmt: skip
    (act,) = acts("calls")
    assert (act.counts["calls"], act.days) == (1, 1000)


def test_a_file_that_came_again_stays(admin: Actor) -> None:
    ticket, other = told(ANNA, WORD, b"shared"), told(ANNA, "другое", b"shared")
    closed_on(ticket, NOW)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + YEAR)
    assert Attachment.objects.filter(message__ticket=other).exists()
    assert hashlib.sha256(b"shared").hexdigest() in set(blobs.stored())


def test_an_erased_ticket_is_changed_no_more_and_its_mail_opens_another(admin: Actor, lead: Actor) -> None:
    ticket = told(ANNA, WORD, b"x")
    mail_id = Message.objects.get(ticket=ticket, author="requester").message_id
    closed_on(ticket, NOW)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + YEAR)
    with pytest.raises(NotVisible):
        lifecycle.change_status(ticket.number, lifecycle.Status.OPEN, by=lead, now=NOW + YEAR)
    other = told(ANNA, "другое", b"y")
    with pytest.raises(Exception, match="no_such_ticket"):
        merging.merge(other.number, ticket.number, by=lead, now=NOW + YEAR)
    heard = letter(ANNA, f"Re: [HD-{ticket.number}]", "Снова", in_reply_to=(mail_id,), facts=vouched(ANNA))
    filed = receive(heard, origin=origin(), now=NOW + YEAR)
    assert filed.ticket_id != ticket.pk
    assert words_of(ticket) == ""


def test_a_rule_says_what_it_refuses(admin: Actor) -> None:
    typed = {code: "" if kind.days is None else str(kind.days) for code, kind in retention.KINDS.items()}
    bad = {"tickets": "29", "spam": "x", "mail": "9999", "answers": ""}
    with pytest.raises(retention.Refused) as refused:
        retention.read(typed | bad)
    assert refused.value.errors == {
        "tickets": "too_short", "spam": "no_number", "mail": "too_long", "answers": "not_for_ever",
    }  # fmt: skip
    assert retention.read(typed | {"tickets": "30"})["tickets"] == 30


def test_each_change_of_a_rule_stands_in_the_journal(admin: Actor, lead: Actor) -> None:
    rule(admin, "tickets", 30)
    rule(admin, "tickets", None)
    changes = [event.payload.data for event in Event.objects.filter(type="RetentionSet").order_by("id")]
    assert [(each.get("before"), each.get("after")) for each in changes] == [(None, 30), (30, None)]
    with pytest.raises(PermissionError):
        retention.set_rules({"tickets": 30}, by=lead, now=NOW)


def plans(statements: list[str]) -> Iterator[str]:
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):  # which a planner takes for the few rows of a test
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            yield "\n".join(line for (line,) in cursor.fetchall())


def test_a_message_that_came_as_no_mail_goes_too(admin: Actor) -> None:
    filed = receive(letter(ANNA, WORD, WORD, facts=vouched(ANNA)), origin=origin("demo:made-up"), now=NOW)
    ticket = Ticket.objects.get(pk=filed.ticket_id)
    closed_on(ticket, NOW)
    rule(admin, "tickets", 30)
    retention.destroy_old(NOW + YEAR)
    assert words_of(ticket) == ""


@pytest.mark.parametrize(
    ("old", "index"),
    [
        (outliving.closed, "tickets_done_since"),
        (outliving.spam, "tickets_spam_kept"),
    ],
    ids=["finished tickets", "spam"],
)
def test_what_is_past_its_time_is_walked_along_its_index(old, index: str) -> None:
    sql, values = old(NOW)[:50].query.sql_with_params()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(sql, values).decode()
    (plan,) = plans([statement])
    assert index in plan, plan


def test_beat_runs_it() -> None:
    assert "privacy.destroy_old" in {entry["task"] for entry in BEAT.values()}
