"""Machines that answer machines fall silent by themselves."""

import asyncio
import re
import shutil
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from channels_app.mail_keys import SELECTOR
from channels_app.mail_sign import sign
from core.clock import now
from ops.demo.send import CAST, build, send
from ops.demo.zones import demo_keys
from tests.ops.running import until
from tests.ops.whole_desk import SUPPORT, Desk, ports, ready_desk, wait_for_silence

pytestmark = pytest.mark.faults

OTHER_DESK = "help@no-policy.example"  # signs its mail and has no policy, so a broken signature is no contradiction

FROM_OUTSIDE = "SELECT id FROM channels_app_rawmessage WHERE door = 'smtp'"


def acknowledgements(desk: Desk, address: str) -> int:
    return int(desk.ask("SELECT count(*) FROM tickets_autoreply WHERE address = %s AND form <> 'none'", address)[0][0])


_MARKS = re.compile(
    rb"^(?:x-[\w-]+|auto-submitted|precedence|return-path):.*\r\n(?:[ \t].*\r\n)*", re.IGNORECASE | re.MULTILINE
)
_FROM = re.compile(rb"^from:.*?([\w.+-]+@[\w.-]+)", re.IGNORECASE | re.MULTILINE)


class Stripper:
    """A relay that takes away every mark of a machine and the null return path, as bad ones do."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def handle_DATA(self, server, session, envelope) -> str:
        head, _, body = envelope.content.partition(b"\r\n\r\n")
        sender = _FROM.search(head)[1].decode()
        mail = _MARKS.sub(b"", head + b"\r\n") + b"\r\n" + body
        try:
            await asyncio.to_thread(hand_in, self.port, sender, envelope.rcpt_tos[0], mail)
        except smtplib.SMTPException as refusal:
            return f"554 {type(refusal).__name__}"
        except OSError:
            return "451 nobody there"
        return "250 passed on"


def hand_in(port: int, sender: str, recipient: str, mail: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, "mail.example.com", timeout=20) as smtp:
        smtp.sendmail(sender, [recipient], mail)


@contextmanager
def two_desks(folder: Path, way_back) -> Iterator[tuple[Desk, Desk]]:
    """Each sends all its mail to the other; what the second sends takes `way_back(port of the first)`."""
    chosen = ports(), ports()
    first_port, second_port = (int(each["HELPDESK_SMTP_PORT"]) for each in chosen)
    with ready_desk(folder / "1", **chosen[0], EMAIL_URL=f"smtp://127.0.0.1:{way_back(second_port)}") as first:
        shutil.copytree(folder / "1" / "dkim", folder / "2" / "dkim")  # both see the same DNS
        with ready_desk(folder / "2", **chosen[1], EMAIL_URL=f"smtp://127.0.0.1:{way_back(first_port)}") as second:
            second.ask(
                "UPDATE channels_app_channel SET address = %s WHERE address = %s RETURNING id", OTHER_DESK, SUPPORT
            )
            yield first, second


@pytest.fixture(params=["directly", "through relays that take off every mark of a machine"])
def way(request, loop):
    """From the port of a desk to the port where the other hands in mail for it."""
    if request.param == "directly":
        return lambda port: port

    def through_a_stripper(port: int) -> int:
        async def listen():
            return await loop.loop.create_server(lambda: SMTP(Stripper(port), loop=loop.loop), "127.0.0.1", 0)

        return loop.run(listen()).sockets[0].getsockname()[1]

    return through_a_stripper


def test_two_desks_that_answer_each_other_send_one_acknowledgement_each_at_most(tmp_path: Path, way) -> None:
    with two_desks(tmp_path, way) as (first, second):
        keys = demo_keys(tmp_path / "1")
        raw = build(CAST["anna"], subject="From desk to desk", text="Is port 25 open?", shown_as=OTHER_DESK)
        raw = sign(
            raw, domain="no-policy.example", selector=SELECTOR, private_key_pem=keys["no-policy.example"], at=now()
        )
        hand_in(first.smtp_port, OTHER_DESK, SUPPORT, raw)
        first.wait_for_ticket("From desk to desk")
        until(
            lambda: second.ask(FROM_OUTSIDE),
            explain=lambda: first.running.text,
        )
        wait_for_silence(first, second)
        assert acknowledgements(first, OTHER_DESK) == 1
        assert acknowledgements(second, SUPPORT) <= 1
        assert first.tickets("From desk to desk") == 1


class VacationResponder:
    """Answers whatever comes for one person: by a letter of its own, without one mark of a machine, to From."""

    def __init__(self, sink, person: str, keys: dict[str, str]) -> None:
        self.person, self.keys, self.port = person, keys, 0
        self.take = sink.handle_DATA
        sink.handle_DATA = self.handle_DATA

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await self.take(server, session, envelope)
        if self.port and CAST[self.person].email in envelope.rcpt_tos:
            words = {"subject": "On the beach", "text": "I read no mail until June.", "keys": self.keys}
            await asyncio.to_thread(send, self.person, **words, port=self.port)
        return answer


@pytest.mark.parametrize("person", ["anna", "stranger"], ids=["a contact whose mail is signed", "a stranger"])
def test_a_vacation_responder_without_any_mark_is_answered_a_few_times_only(tmp_path: Path, outlet, person) -> None:
    responder = VacationResponder(outlet.sink, person, demo_keys(tmp_path))
    address = CAST[person].email
    with ready_desk(tmp_path, EMAIL_URL=outlet.url) as desk:
        wait_for_silence(desk)
        before = acknowledgements(desk, address)
        responder.port = desk.smtp_port
        send(person, subject="A real question", text="Is port 25 open?", keys=responder.keys, port=desk.smtp_port)
        desk.wait_for_ticket("A real question")
        wait_for_silence(desk)
        assert 1 <= acknowledgements(desk, address) - before <= 30
        assert desk.ask("SELECT 1 FROM tickets_autoreply WHERE address = %s AND form = 'none'", address)
