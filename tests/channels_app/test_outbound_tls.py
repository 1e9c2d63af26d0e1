"""A password and a letter go only to a relay whose certificate verifies."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from channels_app.drivers import letter
from channels_app.drivers.email import hand_over
from channels_app.drivers.relay import Relay
from core.sealed import Secret
from tests.channels_app.conftest import Sink
from tests.channels_app.test_outbound import REPLY
from tickets.contracts import SendStatus

# Made for these tests alone, for localhost and 127.0.0.1, its own authority.
CERTIFICATE = Path(__file__).parent.parent / "fixtures" / "tls" / "localhost.pem"


def send(relay: Relay):
    return hand_over(relay, letter.build(REPLY), "support@example.com", REPLY.recipient.email, lambda: True)


@pytest.fixture(params=["starttls", "tls"])
def relay(request, loop):
    """A relay that takes passwords and mail under TLS only; what it was given is in `passwords` and `mails`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    sink, passwords = Sink(), []

    def authenticate(server, session, envelope, mechanism, data):
        passwords.append(data.password)
        return AuthResult(success=True)

    starts = request.param == "starttls"
    options = {"tls_context": context, "require_starttls": True} if starts else {"auth_require_tls": False}

    async def listen() -> asyncio.Server:
        def session() -> SMTP:
            return SMTP(sink, hostname="relay", loop=loop.loop, authenticator=authenticate, **options)

        return await loop.loop.create_server(session, "0.0.0.0", 0, ssl=None if starts else context)

    server = loop.run(listen())
    port = server.sockets[0].getsockname()[1]
    found = Relay("127.0.0.1", port, user="desk", password=Secret("secret"), is_tls=not starts, starts_tls=starts)
    yield found, sink.mails, passwords
    loop.loop.call_soon_threadsafe(server.close)


def test_a_relay_with_a_good_certificate_gets_password_and_mail(relay, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    to, mails, passwords = relay
    receipt = send(to)
    assert (receipt.status, receipt.code) == (SendStatus.SENT, "250"), receipt
    assert (len(mails), passwords) == (1, [b"secret"])


def test_a_certificate_of_an_unknown_authority_gets_nothing_and_the_mail_waits(relay) -> None:
    to, mails, passwords = relay
    receipt = send(to)
    assert (receipt.status, receipt.code) == (SendStatus.FAILED_TEMPORARILY, "certificate")
    assert "CERTIFICATE_VERIFY_FAILED" in receipt.detail
    assert (mails, passwords) == ([], [])


def test_a_certificate_of_another_host_gets_nothing(relay, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    to, mails, passwords = relay
    receipt = send(replace(to, host="127.0.0.2"))  # the same machine under a name the certificate does not carry
    assert (receipt.status, receipt.code) == (SendStatus.FAILED_TEMPORARILY, "certificate")
    assert (mails, passwords) == ([], [])


def test_a_relay_that_does_not_offer_starttls_gets_nothing(sink) -> None:
    server, plain = sink
    receipt = send(replace(plain, user="desk", password=Secret("secret"), starts_tls=True))
    assert receipt.status == SendStatus.FAILED_TEMPORARILY
    assert server.mails == []
