"""Mailboxes and the way out, as an administrator sets them up."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from channels_app import intake
from channels_app.imap_settings import ImapSettings
from channels_app.models import Channel, DoorState, OutboundRelay
from core.clock import now as read_clock
from core.sealed import Secret
from events import worker
from events.models import Delivery
from ops.demo.dns import Zones, serving
from ops.demo.zones import Record
from tests.cast import letter, origin
from tests.web.conftest import person, shows, signed_in
from tickets.services.intake import receive

MAILBOX = {
    "address": "help@example.com",
    "name": "Help",
    "queue": "hosting",
    "door": "imap",
    "host": "127.0.0.1",
    "port": "10143",
    "security": "none",
    "user": "help",
    "password": "hunter2",
    "folder": "INBOX",
    "processed": "Processed",
}


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


@pytest.fixture
def slug(admin: Client) -> str:
    admin.post("/setup/mailboxes/new/", MAILBOX)
    return Channel.objects.get(address="help@example.com").slug


def test_a_mailbox_is_added_and_stands_in_the_list(admin):
    shows(admin.post("/setup/mailboxes/new/", MAILBOX, follow=True), "The mailbox is there", "help@example.com")
    shows(admin.get("/setup/mailboxes/"), "help@example.com", "Hosting", "IMAP", "Not looked at yet")


def test_a_password_is_on_no_page_again(admin, slug):
    for address in ("/setup/mailboxes/", f"/setup/mailboxes/{slug}/"):
        assert "hunter2" not in admin.get(address).content.decode()
    shows(admin.get(f"/setup/mailboxes/{slug}/"), "One is stored and never shown")
    refused = admin.post(f"/setup/mailboxes/{slug}/", {**MAILBOX, "name": "", "password": "typed-anew"})
    assert "typed-anew" not in refused.content.decode()


def test_what_is_wrong_is_named_at_its_field_and_what_was_typed_is_kept(admin):
    wrong = {**MAILBOX, "host": "im ap", "port": "99999", "password": "x" * 10_000, "name": "My <b>mail</b>"}
    page = admin.post("/setup/mailboxes/new/", wrong)
    assert page.status_code == 422
    shows(page, "This is no name of a host", "A port is a number", "This is too long", 'value="im ap"', 'value="99999"')
    shows(page, "My &lt;b&gt;mail&lt;/b&gt;", 'href="#host"')
    assert not Channel.objects.exists()


def test_an_address_in_use_is_refused(admin, slug):
    shows(admin.post("/setup/mailboxes/new/", MAILBOX), "This address has a mailbox already")


def test_another_host_asks_for_the_password_again(admin, slug):
    page = admin.post(f"/setup/mailboxes/{slug}/", {**MAILBOX, "host": "evil.example", "password": ""})
    shows(page, "a stored one is not sent to another server")
    shows(admin.post(f"/setup/mailboxes/{slug}/", {**MAILBOX, "name": "Two", "password": ""}, follow=True), "Saved.")
    assert ImapSettings.of(Channel.objects.get().config).password == Secret("hunter2")


def test_testing_a_mailbox_says_what_is_wrong_and_the_cure(admin, slug, closed):
    admin.post(f"/setup/mailboxes/{slug}/", {**MAILBOX, "port": str(closed)})
    shows(admin.post(f"/setup/mailboxes/{slug}/check"), "Nothing answers on that port", "Check the port, and that")


def test_a_mailbox_is_paused_and_opened(admin, slug):
    shows(admin.post(f"/setup/mailboxes/{slug}/pause", follow=True), "Paused: mail to this address is refused")
    assert not Channel.objects.get().is_active
    shows(admin.post(f"/setup/mailboxes/{slug}/opening", follow=True), "The mailbox is open.")


def test_a_mailbox_by_pipe_shows_its_command(admin):
    pipe = {"address": "pipe@example.com", "name": "Pipe", "queue": "hosting", "door": "pipe"}
    shows(admin.post("/setup/mailboxes/new/", pipe, follow=True), "receive_mail --to pipe@example.com")
    slug = Channel.objects.get().slug
    assert admin.post(f"/setup/mailboxes/{slug}/check").status_code == 404


def test_a_mailbox_that_is_none_does_not_exist(admin):
    assert admin.get("/setup/mailboxes/none/").status_code == 404
    assert admin.post("/setup/mailboxes/none/check").status_code == 404


RELAY = {"host": "relay.example.com", "port": "", "security": "starttls", "user": "desk", "password": "hunter2"}


@pytest.fixture
def real(settings) -> None:
    settings.DEMO, settings.EMAIL_URL = False, ""


def test_a_desk_without_a_relay_says_so_and_one_is_set(admin, real):
    shows(admin.get("/setup/relay/"), "No outgoing mail server is set up")
    shows(admin.post("/setup/relay/", RELAY, follow=True), "relay.example.com:587", "Set on this page", "as desk")
    assert "hunter2" not in admin.get("/setup/relay/").content.decode()
    shows(admin.post("/setup/relay/removal", follow=True), "no longer set here")
    assert not OutboundRelay.objects.exists()


def test_a_relay_of_the_environment_is_shown_and_not_changed(admin, real, settings):
    settings.EMAIL_URL = "smtp://desk:hunter2@env.example.com:587?tls=1"
    page = admin.get("/setup/relay/")
    shows(page, "env.example.com:587", "Set by EMAIL_URL in the environment")
    assert "hunter2" not in page.content.decode()
    assert 'name="password"' not in page.content.decode()
    admin.post("/setup/relay/", RELAY)
    assert not OutboundRelay.objects.exists()


def test_what_is_wrong_with_a_relay_is_named_at_its_field(admin, real):
    page = admin.post("/setup/relay/", {**RELAY, "host": "two words", "port": "22"})
    assert page.status_code == 422
    shows(page, "This is no name of a host", "This port belongs to another service", 'value="two words"')


def test_testing_a_relay_says_what_is_wrong(admin, real, closed):
    shows(admin.post("/setup/relay/check"), "No outgoing mail server is set up")
    admin.post("/setup/relay/", {"host": "127.0.0.1", "port": str(closed), "security": "none"})
    shows(admin.post("/setup/relay/check"), "Nothing answers on that port")
    shows(admin.post("/setup/relay/check", {"recipient": "no address"}), "no address a letter can be sent to")


def test_the_health_page_tells_every_door_what_waits_and_what_did_not_leave(
    admin, slug, real, django_assert_max_num_queries
):
    channel = Channel.objects.get(slug=slug)
    at = read_clock()
    DoorState.objects.create(door="smtp", alive_at=at, good_at=at)
    DoorState.objects.create(door="imap", channel=channel, alive_at=at, trouble="login_refused", troubled_since=at)
    intake.accept(b"Subject: hi\r\n\r\nhi\r\n", channel=channel, door="imap", now=at)
    with django_assert_max_num_queries(20):
        page = admin.get("/setup/mail/")
    shows(page, "User and password are refused", "Type the password anew", "Good at", "No outgoing mail server")
    shows(page, "example.com", "desk._domainkey.example.com TXT v=DKIM1; k=rsa; p=", "v=spf1 mx ~all")
    facts = re.findall(r"<dt>(.*?)</dt><dd>(\d+)", page.content.decode())
    assert facts == [
        ("Received, not a ticket yet", "1"), ("In quarantine", "0"), ("Answers on their way", "0"),
        ("Not delivered, last seven days", "0"), ("Sent or not: nobody knows, last seven days", "0"),
    ]  # fmt: skip


def test_a_door_whose_process_is_silent_is_red(admin, slug):
    at = read_clock() - timedelta(minutes=4)
    DoorState.objects.create(door="imap", channel=Channel.objects.get(slug=slug), alive_at=at, good_at=at)
    shows(admin.get("/setup/mail/"), "The process of this door has said nothing for minutes")


def test_letters_that_did_not_leave_are_counted_and_their_reason_told(admin, real):
    receive(letter(), origin=origin(), now=read_clock())
    worker.drain()
    page = admin.get("/setup/mail/")
    shows(page, "no outgoing mail server is set up")
    Delivery.objects.update(state="uncertain", finished_at=read_clock())
    shows(admin.get("/setup/mail/"), "<dt>Sent or not: nobody knows, last seven days</dt><dd>1</dd>")


def test_records_are_looked_at_on_demand(admin, slug, settings):
    with serving(
        Zones([Record("example.com", "TXT", "v=spf1 -all"), Record("example.com", "MX", "10 mx.example.")])
    ) as server:
        settings.DNS = server.address
        page = admin.post("/setup/mail/records", follow=True)
    shows(page, "The server for outgoing mail is not in the record", "Our signatures cannot be checked", "v=spf1 -all")
    shows(page, "Looked at")


def test_the_page_of_a_mailbox_tells_who_changed_what_and_never_what_stood_there(admin, slug):
    shows(admin.get(f"/setup/mailboxes/{slug}/"), "Changes", "Admin", "made")
    admin.post(f"/setup/mailboxes/{slug}/", {**MAILBOX, "name": "Hilfe", "user": "other", "password": "anew"})
    admin.post(f"/setup/mailboxes/{slug}/pause")
    Channel.objects.create(slug="another", name="Another", address="another@example.com", queue_slug="hosting")
    page = admin.get(f"/setup/mailboxes/{slug}/").content.decode()
    told = re.findall(r'<li><b>[^<]*</b> (\w+) <span class="muted">([^<]*)</span>', page)
    assert told == [
        ("Admin", "paused"),
        ("Admin", "changed: The mailbox to read, Name for the desk"),
        ("Admin", "made"),
    ]
    assert "Nothing was changed on this page yet" in admin.get("/setup/mailboxes/another/").content.decode()


def test_the_page_of_the_relay_tells_its_changes(admin, real):
    admin.post("/setup/relay/", {"host": "relay.example.com", "port": "", "security": "starttls"})
    admin.post("/setup/relay/", {"host": "relay2.example.com", "port": "", "security": "starttls"})
    admin.post("/setup/relay/removal")
    page = admin.get("/setup/relay/").content.decode()
    told = re.findall(r'<li><b>[^<]*</b> (\w+) <span class="muted">([^<]*)</span>', page)
    assert told[:2] == [("Admin", "taken away"), ("Admin", "set: Host")]
    assert len(told) == 3


@pytest.mark.parametrize("role", ["agent", "quality"])
def test_the_health_of_mail_is_not_everybodys(role):
    somebody = signed_in(person("somebody", role, "first-line"))
    assert somebody.get("/setup/mail/").status_code == 403
    assert "/setup/mail/" not in somebody.get("/desk/mail/").content.decode()


def test_a_lead_reads_how_mail_comes_and_goes_and_changes_nothing(slug):
    lead = signed_in(person("lead", "lead"))
    shows(lead.get("/desk/quarantine/"), 'href="/setup/mail/"')
    page = lead.get("/setup/mail/")
    shows(page, "Mail health", "help@example.com", "DNS records to publish")
    text = page.content.decode()
    linked = set(re.findall(r'(?:href|action)="(/setup/[^"]*)"', text))
    assert linked == {"/setup/mail/"}
    assert lead.post("/setup/mail/records").status_code == 403
    assert lead.get(f"/setup/mailboxes/{slug}/").status_code == 403
