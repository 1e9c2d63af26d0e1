"""The demo's people write through a real SMTP dialogue and are judged by the demo's real DNS."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from assurance.policies.levels import LevelDecision, SenderRecord, message_level
from channels_app.mail_auth.evaluate import evaluate
from channels_app.mail_auth.relays import TrustedRelays
from core.clock import now
from core.trust import Level
from ops.demo.send import File, send


@dataclass
class Door:
    port: int
    taken: list[tuple[Session, Envelope]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append((session, envelope))
        return "250 taken"


@pytest.fixture
def door() -> Iterator[Door]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        handler = Door(free.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


def judge(door: Door, resolver, sender: SenderRecord = SenderRecord()) -> LevelDecision:  # noqa: B008
    session, envelope = door.taken[-1]
    hop = TrustedRelays().smtp_hop(
        client_ip=session.peer[0], helo=session.host_name or "", mail_from=envelope.mail_from or ""
    )
    facts = evaluate(envelope.original_content or b"", hop=hop, resolver=resolver, now=now())
    return message_level(facts, sender=sender, now=now())


@pytest.mark.parametrize(
    ("who", "shown_as", "level", "reason"),
    [
        pytest.param("anna", "", Level.VOUCHED, "dmarc_pass", id="Anna writes"),
        pytest.param("boris", "", Level.VOUCHED, "dmarc_pass", id="Boris writes"),
        pytest.param("agent1", "", Level.VOUCHED, "dmarc_pass", id="a colleague writes"),
        pytest.param("stranger", "", Level.CLAIMED, "nothing_vouches", id="a stranger writes"),
        pytest.param("mallory", "anna@hosting-client.example", Level.CONTRADICTED, "dmarc_fail", id="Mallory as Anna"),
        pytest.param("mallory", "boris@other-client.example", Level.CONTRADICTED, "dmarc_fail", id="Mallory as Boris"),
        pytest.param("mallory", "agent1@staff.example", Level.CONTRADICTED, "dmarc_fail", id="Mallory as a colleague"),
        pytest.param(
            "mallory", "x@watching.example", Level.CLAIMED, "dmarc_fail_not_enforced", id="Mallory as a watcher"
        ),
        pytest.param("boris", "anna@hosting-client.example", Level.CONTRADICTED, "dmarc_fail", id="Boris as Anna"),
    ],
)
def test_who_writes_is_known_as_well_as_the_domain_proves(door, resolver, keys, who, shown_as, level, reason):
    send(who, subject="Вопрос о почте", text="Не работает.\n", keys=keys, port=door.port, shown_as=shown_as)
    decision = judge(door, resolver)
    assert (decision.level, decision.reasons[0]) == (level, reason)


def test_a_mail_with_everything_in_it_keeps_its_signature(door, resolver, keys):
    raw = send(
        "anna",
        subject="Re: [HD-123-456-789] " + "длинная тема " * 20,
        text="Текст\n.\n..точки\n" + "очень длинная строка " * 100,
        html="<p>Текст</p>",
        files=[File("отчёт.txt", "text/plain", b"x" * 2_000), File("a.png", "image/png", b"\x89PNG")],
        in_reply_to="1@example.com",
        headers={"X-Mailer": "demo"},
        keys=keys,
        port=door.port,
    )
    assert judge(door, resolver).level is Level.VOUCHED
    assert b"In-Reply-To: <1@example.com>" in raw
