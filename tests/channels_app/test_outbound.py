"""Mail out over real SMTP: what the other server says decides what the agent is shown."""

import email
import email.policy
import socket
import threading
import uuid
from dataclasses import replace
from email.header import decode_header, make_header
from email.utils import parseaddr

import dkim
import pytest

from channels_app.drivers import letter
from channels_app.drivers.driver import Stopped
from channels_app.drivers.email import hand_over, signed
from channels_app.drivers.relay import Relay
from channels_app.mail_keys import SELECTOR, public_record, stored_private_key
from core import blobs
from core.sealed import Secret
from tests.channels_app.letters import NOON
from tests.unit.core.test_png import PLAIN
from tickets.contracts import Address, InlineImage, OutboundAttachment, OutboundMessage, SendStatus

REPLY = OutboundMessage(
    message_id="m1.1@example.com",
    sender=Address("support@example.com", "Служба поддержки, «Пример»"),
    recipient=Address("anna@hosting-client.example", "Anna, Smith"),
    reply_to="support+token@example.com",
    subject="[HD-123-456-789] Сайт не открывается " * 6,
    text="Здравствуйте!\n\n.точка\n",
    html="<p>Здравствуйте!</p>",
    in_reply_to="q1@hosting-client.example",
    references=("q0@hosting-client.example", "x" * 200 + "@hosting-client.example", "bad <id>\nBcc: x"),
    date=NOON,
)


def send(relay: Relay, before_end=lambda: True):
    return hand_over(relay, letter.build(REPLY), "support+token@example.com", REPLY.recipient.email, before_end)


def test_a_mail_arrives_whole_and_the_server_s_words_are_kept(sink) -> None:
    server, relay = sink
    receipt = send(relay)
    assert (receipt.status, receipt.code, receipt.detail) == (SendStatus.SENT, "250", "OK queued as 17")
    ((mail_from, recipients, content),) = server.mails
    assert (mail_from, recipients) == ("support+token@example.com", ["anna@hosting-client.example"])
    assert content == letter.build(REPLY)


ANSWERS = {
    "the recipient is greylisted": ({"RCPT": "450 4.2.0 later"}, SendStatus.FAILED_TEMPORARILY, "450"),
    "the recipient does not exist": ({"RCPT": "550 5.1.1 nobody"}, SendStatus.FAILED, "550"),
    "the content is not taken now": ({"DATA": "451 4.3.0 later"}, SendStatus.FAILED_TEMPORARILY, "451"),
    "the content is refused": ({"DATA": "554 5.7.1 spam"}, SendStatus.FAILED, "554"),
}


@pytest.mark.parametrize(("answers", "status", "code"), ANSWERS.values(), ids=ANSWERS)
def test_a_refusal_is_told_as_the_server_meant_it(sink, answers, status, code) -> None:
    server, relay = sink
    server.answers = answers
    receipt = send(relay)
    assert (receipt.status, receipt.code) == (status, code)


def test_nobody_listening_is_tried_again(closed_port: int) -> None:
    receipt = send(Relay("127.0.0.1", closed_port))
    assert (receipt.status, receipt.code) == (SendStatus.FAILED_TEMPORARILY, "connection_refused")


def test_a_hang_up_after_the_final_dot_is_uncertain(sink) -> None:
    server, relay = sink
    server.hangs_up = True
    assert send(relay).status == SendStatus.UNCERTAIN


def test_a_hang_up_before_the_final_dot_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            client, _ = listening.accept()
            with client, client.makefile("rwb", buffering=0) as lines:
                lines.write(b"220 hello\r\n")
                while not lines.readline().startswith(b"DATA"):
                    lines.write(b"250 ok\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        receipt = send(Relay("127.0.0.1", listening.getsockname()[1]))
        thread.join(10)
    assert (receipt.status, receipt.code) == (SendStatus.FAILED_TEMPORARILY, "disconnected")


def test_who_lost_the_lease_ends_before_the_final_dot(sink) -> None:
    server, relay = sink
    with pytest.raises(Stopped):
        send(relay, before_end=lambda: False)
    assert server.mails == []


def test_the_same_message_gives_the_same_bytes() -> None:
    assert letter.build(REPLY) == letter.build(REPLY)


def test_a_reply_reads_as_it_was_written() -> None:
    message = email.message_from_bytes(letter.build(REPLY), policy=email.policy.default)
    assert message["From"].addresses[0].addr_spec == REPLY.sender.email
    written = parseaddr(email.message_from_bytes(letter.build(REPLY))["From"])[0]
    assert str(make_header(decode_header(written))) == REPLY.sender.name
    assert message["To"].addresses[0].addr_spec == REPLY.recipient.email
    assert message["To"].addresses[0].display_name == "Anna, Smith"
    assert message["Subject"] == REPLY.subject.strip()
    assert message["Reply-To"] == REPLY.reply_to
    assert message["In-Reply-To"] == "<q1@hosting-client.example>"
    assert message["References"].split() == [f"<{each}>" for each in REPLY.references[:2]]
    assert message["X-Helpdesk-Loop"] == "1"
    assert (message["Auto-Submitted"], message["Bcc"]) == (None, None)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == REPLY.text
    assert message.get_body(("html",)).get_content().strip() == REPLY.html
    assert all(len(line) <= 998 and line.isascii() for line in letter.build(REPLY).split(b"\r\n"))


def test_an_automatic_reply_says_that_it_is_one() -> None:
    message = email.message_from_bytes(letter.build(replace(REPLY, is_automatic=True)))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"


@pytest.mark.parametrize("value", ["Hello\r\nBcc: victim@bare.example", "Hello\u2028Bcc: victim@bare.example"])
def test_no_word_of_a_writer_becomes_a_header(value: str) -> None:
    hostile = replace(REPLY, subject=value, sender=Address("support@example.com", value))
    message = email.message_from_bytes(letter.build(hostile))
    assert message["Bcc"] is None


def test_a_logo_is_shown_by_the_html_and_taken_for_no_file(sink) -> None:
    server, relay = sink
    logo = InlineImage("logo.1@helpdesk", PLAIN)
    stored = blobs.put(b"%PDF-1.4 hello")
    file = OutboundAttachment("a.pdf", "application/pdf", stored.digest, stored.size_bytes)
    plain = replace(REPLY, html='<p><img src="cid:logo.1@helpdesk">Hello</p>', attachments=(file,))
    shown = letter.build(replace(plain, logo=logo))
    assert hand_over(relay, shown, "a@example.com", REPLY.recipient.email, lambda: True).status is SendStatus.SENT
    ((_, _, content),) = server.mails
    assert content == shown == letter.build(replace(plain, logo=logo))
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == REPLY.text
    html = message.get_body(("related",))
    assert [part.get_content_type() for part in html.iter_parts()] == ["text/html", "image/png"]
    image = list(html.iter_parts())[1]
    assert (image["Content-ID"], image.get_content()) == ("<logo.1@helpdesk>", PLAIN)
    assert image.get_content_disposition() == "inline"
    assert [part.get_filename() for part in message.iter_attachments()] == ["a.pdf"]
    assert len(shown) - len(letter.build(plain)) < 800 + len(PLAIN) * 1.4


def test_files_go_along_under_their_names() -> None:
    stored = blobs.put(b"%PDF-1.4 hello")
    file = OutboundAttachment("Счёт № 5.pdf", "application/pdf", stored.digest, stored.size_bytes)
    nested = OutboundAttachment("mail.eml", "message/rfc822", stored.digest, stored.size_bytes)
    raw = letter.build(replace(REPLY, attachments=(file, nested)))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = [(part.get_filename(), part.get_content()) for part in message.iter_attachments()]
    assert found == [("Счёт № 5.pdf", b"%PDF-1.4 hello"), ("mail.eml", b"%PDF-1.4 hello")]


def test_mail_leaves_with_a_signature_that_verifies(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    raw = signed(replace(REPLY, message_id=f"{uuid.uuid4()}@example.com"))
    record = public_record(stored_private_key(tmp_path, "example.com")).encode()
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    assert dkim.verify(raw, dnsfunc=dns)
    assert asked == [f"{SELECTOR}._domainkey.example.com.".encode()]


URLS = {
    "smtp://127.0.0.1:1025": Relay("127.0.0.1", 1025),
    "smtps://u%40x:p%3Aw@mail.example": Relay("mail.example", 465, "u@x", Secret("p:w"), is_tls=True),
    "smtp://mail.example:587?tls=1": Relay("mail.example", 587, starts_tls=True),
}


@pytest.mark.parametrize(("url", "relay"), URLS.items())
def test_email_url_names_a_relay(url: str, relay: Relay) -> None:
    assert Relay.of_url(url) == relay
