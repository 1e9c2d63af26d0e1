"""`/metrics` tells what PostgreSQL knows, to those who may read it."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from channels_app.models import RawMessage
from core.clock import now
from events import bookkeeping, registry, tally
from events.models import Delivery, Event
from ops.metrics import Metric, text
from ops.models import Backup
from tests.cast import ANNA, NOW, desk, letter, origin, vouched
from tickets.services import counters
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db
LINE = re.compile(r'helpdesk_\w+(\{\w+="(?:[^"\\\n]|\\.)*"(,\w+="(?:[^"\\\n]|\\.)*")*\})? -?[0-9.e+-]+')


def told(client: Client = None) -> dict[str, float]:
    page = (client or Client()).get("/metrics")
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in page.content.decode().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def look() -> None:
    """What the relay does once a minute."""
    for name, source in registry.TALLIES.items():
        tally.advance(name, source)


def mail(state: str, door: str = "smtp") -> RawMessage:
    return RawMessage.objects.create(
        door=door,
        received_at=NOW,
        size_bytes=1,
        digest="0" * 64,
        content=b"x",
        dedupe_key=uuid.uuid4().hex,
        state=state,
    )


def test_a_quiet_desk_has_figures_too():
    desk()
    figures = told()
    assert figures['helpdesk_build_info{version="0.1.0"}'] == 1
    assert figures["helpdesk_redis_up"] == 1
    assert figures["helpdesk_mail_unread"] == 0
    assert "helpdesk_backup_age_seconds" not in figures


def test_tickets_letters_and_mail_are_counted_once_by_what_became_of_them():
    desk()
    mail("filed")  # before anybody counted
    look()
    ticket = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    assert ticket
    for state in ("filed", "filed", "quarantined"):
        mail(state)
    stuck = mail("received")
    mail("filed", door="imap")
    look()  # sees them
    look()  # counts them
    look()
    figures = told()
    assert figures['helpdesk_tickets_opened_total{door="email"}'] == 1
    assert figures['helpdesk_events_total{type="TicketOpened"}'] == 1
    assert figures['helpdesk_mails_total{door="smtp",outcome="filed"}'] == 2
    assert figures['helpdesk_mails_total{door="smtp",outcome="quarantined"}'] == 1
    assert 'helpdesk_mails_total{door="imap",outcome="filed"}' not in figures  # behind one that is still in work
    stuck.state = "refused"
    stuck.save()
    look()
    figures = told()
    assert figures['helpdesk_mails_total{door="imap",outcome="filed"}'] == 1
    assert figures['helpdesk_mails_total{door="smtp",outcome="refused"}'] == 1
    assert figures['helpdesk_mails_total{door="smtp",outcome="filed"}'] == 2


def test_what_is_not_a_minute_old_is_not_counted_for_its_neighbours_may_not_be_committed():
    desk()
    look()
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    look()
    assert 'helpdesk_tickets_opened_total{door="email"}' not in told()


def test_backlog_ages_books_heartbeats_and_backups():
    desk()
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    counters.fold(NOW)
    mail("received")
    held = mail("quarantined")
    held.due_at = now() - timedelta(minutes=1)
    held.save()
    Delivery.objects.all().update(state="done")
    Delivery.objects.create(event=Event.objects.first(), subscriber="x", state="leased", leased_until=now())
    Backup.objects.create(made_at=now() - timedelta(hours=2), folder="/x", size_bytes=1)
    bookkeeping.beat("work", now=now() - timedelta(seconds=30))
    bookkeeping.record(bookkeeping.look(registry.BOOKS, now=now()), now=now())
    figures = told()
    assert figures["helpdesk_tickets_open"] == 1
    assert figures["helpdesk_mail_unread"] == 1
    assert figures["helpdesk_mail_unread_oldest_seconds"] > 0
    assert figures["helpdesk_quarantine"] == figures["helpdesk_quarantine_overdue"] == 1
    assert figures['helpdesk_deliveries{state="leased"}'] == 1
    assert figures['helpdesk_book_red{book="journals_broken"}'] == 0
    assert figures['helpdesk_book_red{book="mail_unread"}'] == 1
    assert 30 <= figures['helpdesk_heartbeat_age_seconds{process="work"}'] < 600
    assert figures['helpdesk_heartbeat_age_seconds{process="relay"}'] < 600
    assert 7200 <= figures["helpdesk_backup_age_seconds"] < 7800


READERS = {
    "this machine": ("", {}, "127.0.0.1", 200),
    "this machine by IPv6": ("", {}, "::1", 200),
    "another machine": ("", {}, "192.0.2.7", 403),
    "no address at all": ("", {}, "", 403),
    "through a proxy on this machine": ("", {"x-forwarded-for": "192.0.2.7"}, "127.0.0.1", 403),
    "the token": ("s3cret", {"authorization": "Bearer s3cret"}, "192.0.2.7", 200),
    "the token, through a proxy": (
        "s3cret", {"authorization": "Bearer s3cret", "x-forwarded-for": "192.0.2.7"}, "127.0.0.1", 200,
    ),
    "another token": ("s3cret", {"authorization": "Bearer guess"}, "127.0.0.1", 403),
    "no token where one is set": ("s3cret", {}, "127.0.0.1", 403),
    "odd bytes": ("s3cret", {"authorization": "Bearer \xff"}, "127.0.0.1", 403),
}  # fmt: skip


@pytest.mark.parametrize(("token", "headers", "address", "code"), READERS.values(), ids=READERS)
def test_who_may_read(settings, token, headers, address, code):
    settings.METRICS_TOKEN = token
    assert Client(headers=headers, REMOTE_ADDR=address).get("/metrics").status_code == code


def test_large_numbers_keep_all_their_digits():
    assert text(iter([Metric("x_total", "X.", (((), 123456789),))])).splitlines()[1:] == [
        "# TYPE helpdesk_x_total counter", "helpdesk_x_total 123456789",
    ]  # fmt: skip


def test_labels_are_escaped():
    odd = Metric("odd", "An odd label.", (((("name", 'a"b\\c\nd'),), 1),))
    assert text(iter([odd])).splitlines()[-1] == r'helpdesk_odd{name="a\"b\\c\nd"} 1'
