"""Where mail leaves to: one rule, followed without a restart, and a test that says what is wrong."""

from dataclasses import replace

import pytest

from channels_app import filing, intake, way_out
from channels_app.drivers.relay import Relay
from channels_app.models import Channel, Door, OutboundRelay
from channels_app.policies.servers import TypedServer
from channels_app.probes.relay import RelaySeen, look_at_relay, send_test_letter
from channels_app.way_out import Source
from core.clock import now as read_clock
from core.sealed import Secret
from events import worker
from events.models import EventPayload
from tests.cast import ADMIN
from tests.channels_app.letters import NOON, letter
from tests.channels_app.test_outbound_tls import CERTIFICATE, relay  # noqa: F401 - a fixture
from tickets.models import OutboundCopy

TYPED = TypedServer("relay.example.com", "", "starttls", "desk", "hunter2")


@pytest.fixture(autouse=True)
def _real(settings, tmp_path) -> None:
    settings.DEMO, settings.EMAIL_URL, settings.DATA_DIR = False, "", tmp_path


def set_relay(typed: TypedServer) -> dict[str, str]:
    return way_out.set_relay(typed, by=ADMIN, now=NOON).problems


@pytest.mark.django_db
def test_the_environment_stands_over_the_page_and_the_page_over_the_demo(settings) -> None:
    assert way_out.in_force() == way_out.WayOut(Source.NONE, trouble="no_relay")
    settings.DEMO = True
    assert way_out.in_force().source is Source.DEMO
    assert set_relay(TYPED) == {}
    assert way_out.in_force() == way_out.WayOut(
        Source.PAGE, Relay("relay.example.com", 587, "desk", Secret("hunter2"), starts_tls=True)
    )
    settings.EMAIL_URL = "smtp://env.example.com"
    assert way_out.in_force() == way_out.WayOut(Source.ENVIRONMENT, Relay("env.example.com", 25))
    assert set_relay(TYPED) == {"host": "set_by_environment"}
    settings.EMAIL_URL = ""
    assert way_out.remove_relay(by=ADMIN, now=NOON)
    assert way_out.in_force().source is Source.DEMO


@pytest.mark.django_db
def test_the_password_is_sealed_kept_and_never_goes_to_another_server() -> None:
    set_relay(TYPED)
    assert "hunter2" not in OutboundRelay.objects.get().sealed_password
    assert way_out.stored() == replace(TYPED, port="587", password=way_out.STORED)
    assert set_relay(replace(TYPED, password="")) == {}
    assert way_out.in_force().relay.password.reveal() == "hunter2"
    evil = replace(TYPED, host="evil.example", password="")
    assert set_relay(evil) == {"password": "password_for_another_server"}
    assert set_relay(replace(evil, user="")) == {}
    assert (OutboundRelay.objects.get().sealed_password, way_out.in_force().relay.user) == ("", "")
    told = [each.data["fields"] for each in EventPayload.objects.filter(event__type="RelayChanged").order_by("event")]
    assert told == [["host", "port", "security", "user", "password"], ["host", "user", "password"]]


@pytest.mark.django_db
def test_a_password_of_another_key_is_no_relay(settings) -> None:
    set_relay(TYPED)
    settings.SECRET_KEY = "another" * 10
    assert way_out.in_force() == way_out.WayOut(Source.PAGE, trouble="secret_unreadable")


@pytest.mark.django_db(transaction=True)
def test_mail_that_waited_for_a_relay_leaves_when_one_is_set(support: Channel, sink) -> None:
    server, found = sink
    intake.accept(letter(), channel=support, door=Door.PIPE, envelope_from="sam@bare.example", now=read_clock())
    filing.process_batch()
    worker.drain()
    copy = OutboundCopy.objects.get()
    assert (copy.status, copy.code) == ("failed_temporarily", "no_relay")
    typed = TypedServer(found.host, str(found.port), "none", "", "")
    assert way_out.set_relay(typed, by=ADMIN, now=read_clock()).problems == {}
    worker.drain()
    copy.refresh_from_db()
    assert (copy.status, len(server.mails)) == ("sent", 1)


@pytest.mark.django_db(transaction=True)
class TestLooking:
    def test_a_good_relay_takes_sender_and_recipient_and_gets_no_letter(
        self,
        relay,  # noqa: F811
        support: Channel,
        monkeypatch,
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        to, mails, passwords = relay
        assert look_at_relay(to, seconds=30) == RelaySeen()
        assert (mails, passwords) == ([], [b"secret"])

    def test_a_certificate_of_nobody_known_gets_no_password(self, relay, support: Channel) -> None:  # noqa: F811
        to, _, passwords = relay
        assert look_at_relay(to, seconds=30) == RelaySeen("tls_untrusted")
        assert passwords == []

    def test_a_relay_without_tls_or_sign_in_says_so(self, sink, support: Channel) -> None:
        _, plain = sink
        assert look_at_relay(replace(plain, starts_tls=True), seconds=30) == RelaySeen("no_starttls")
        assert look_at_relay(replace(plain, user="desk"), seconds=30) == RelaySeen("no_login_offered")
        assert look_at_relay(replace(plain, is_tls=True), seconds=30) == RelaySeen("no_tls")

    def test_a_refused_recipient_is_told_with_the_number_of_the_answer(self, sink, support: Channel) -> None:
        server, plain = sink
        server.answers["RCPT"] = "550 5.1.1 inner words"
        assert look_at_relay(plain, seconds=30) == RelaySeen("recipient_refused", 550)
        assert send_test_letter(plain, recipient="sam@bare.example", now=NOON) == RelaySeen("recipient_refused", 550)
        server.answers = {"DATA": "554 5.7.1 inner words"}
        assert send_test_letter(plain, recipient="sam@bare.example", now=NOON) == RelaySeen("letter_refused", 554)

    def test_nobody_listens(self, closed_port: int, support: Channel) -> None:
        assert look_at_relay(Relay("127.0.0.1", closed_port), seconds=30) == RelaySeen("refused")

    def test_a_test_letter_is_a_signed_letter_from_the_first_mailbox(self, sink, support: Channel) -> None:
        server, plain = sink
        assert send_test_letter(plain, recipient="sam@bare.example", now=NOON) == RelaySeen()
        ((mail_from, recipients, content),) = server.mails
        assert (mail_from, recipients) == (support.address, ["sam@bare.example"])
        assert content.startswith(b"DKIM-Signature:")

    def test_without_a_mailbox_there_is_nobody_to_write_as(self, sink) -> None:
        assert send_test_letter(sink[1], recipient="sam@bare.example", now=NOON) == RelaySeen("no_mailbox")
