"""The evidence of a ticket as a file that stands without this desk."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from channels_app.models import Channel, Door, RawMessage
from events import outbox
from events.models import Event
from tests import cast
from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.web.conftest import person, signed_in
from tickets.event_types import ActionRefused
from tickets.models import Message, Note, Ticket
from tickets.services.intake import receive
from users.models import User

pytestmark = pytest.mark.django_db
RAW = b"From: anna@hosting-client.example\r\n\r\nHelp\r\n"


@pytest.fixture
def ticket() -> Ticket:
    raw = RawMessage.objects.create(
        channel=Channel.objects.order_by("id").first(),
        door=Door.SMTP,
        received_at=NOW,
        size_bytes=len(RAW),
        digest="0" * 64,
        dedupe_key="evidence",
        content=RAW,
    )
    heard = letter(text="Не работает <script>alert(1)</script>", facts=vouched(ANNA))
    filed = receive(heard, origin=origin(str(raw.public_id)), now=NOW)
    return Ticket.objects.get(pk=filed.ticket_id)


def who(role: str) -> Client:
    return signed_in(person(f"the-{role}", role, "first-line"))


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.number}/evidence/"


def test_the_file_tells_everything_but_what_the_desk_said_among_itself(ticket: Ticket, tmp_path: Path) -> None:
    agent = cast.person("writer", "agent", "first-line")
    Note.objects.create(ticket=ticket, staff=agent, text="между нами", created_at=NOW)
    Message.objects.update(quoted_text="как раньше")
    answer = who("quality").post(page_of(ticket), {"reason": "Суд"})
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    (mail,) = [name for name in archive.namelist() if name.startswith("mails/")]
    assert archive.read(mail) == RAW
    page, facts = archive.read("index.html").decode(), archive.read("ticket.json").decode()
    assert "&lt;script&gt;" in page
    assert ">The ticket was opened</td>" in page
    assert "<td>a letter</td>" in page
    assert "<script>" not in page
    assert "staff:" not in page, "whoever takes it is named, though no ticket is ever his"
    assert "<details open>" in page, "what is folded would not be printed"
    links = json.loads(archive.read("journal.json"))
    assert all(link["digest"] in page for link in links), "the journal is there to read"
    assert "The evidence was taken away as a file: Суд" in page
    assert json.loads(facts)["evidence"][0]["facts"]
    assert "между нами" not in page + facts
    assert json.loads(archive.read("journal.json"))[-1]["payload"]["reason"] == "Суд"


def test_hidden_words_and_whoever_confirmed_are_named_as_people_read_them(ticket: Ticket) -> None:
    Message.objects.update(text="Пароль: ⟦•••1⟧")
    outbox.record(ActionRefused(ticket_id=ticket.pk, action_id=1, kind="refund"), by="confirmation:1", now=NOW)
    archive = zipfile.ZipFile(io.BytesIO(who("lead").post(page_of(ticket), {"reason": "Суд"}).getvalue()))
    page = archive.read("index.html").decode()
    assert "Пароль: •••<" in page
    assert ">by a link sent to the address on file</td>" in page


def test_what_is_changed_in_it_is_found_without_the_desk(ticket: Ticket, tmp_path: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(who("lead").post(page_of(ticket), {"reason": "Суд"}).getvalue()))
    verify = [sys.executable, "verify.py"]

    def found(name: str, changed: bytes) -> str:
        """What the file says of itself with this part of it changed."""
        archive.extractall(tmp_path)
        (tmp_path / name).write_bytes(changed)
        ended = subprocess.run(verify, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert ended.returncode == (0 if changed == archive.read(name) else 1)
        return ended.stdout + ended.stderr

    links, taken = json.loads(archive.read("journal.json")), archive.read("ticket.json")
    (mail,) = [name for name in archive.namelist() if name.startswith("mails/")]
    assert found("ticket.json", taken).startswith(f"every entry is as it was written; the last of {len(links)} is")
    swapped = [links[0], *links[2:], links[1]]
    altered = [links[0] | {"payload": links[0]["payload"] | {"number": "1"}}, *links[1:]]
    told = [links[0] | {"payload_digest": "0" * 64}, *links[1:]]
    for wrong in (links[1:], links[:1] + links[2:], swapped, altered, told):
        assert found("journal.json", json.dumps(wrong).encode()).startswith("entry")
    assert found("journal.json", json.dumps(links[:-1]).encode()).startswith("ticket.json, or the end of the journal")
    assert found("ticket.json", taken.replace("Не работает".encode(), "Всё работает".encode())).startswith(
        "ticket.json"
    )
    assert found(mail, RAW + b"x").startswith(mail)


def test_taking_it_needs_a_reason_and_stands_in_the_journal(ticket: Ticket) -> None:
    lead = who("lead")
    assert lead.get(page_of(ticket)).status_code == 200
    assert lead.post(page_of(ticket), {"reason": " "}).status_code == 409
    assert not Event.objects.filter(type="EvidencePacked").exists()
    lead.post(page_of(ticket), {"reason": "Жалоба"})
    assert Event.objects.get(type="EvidencePacked").stream == f"ticket:{ticket.pk}"


def test_who_has_a_second_factor_shows_it(ticket: Ticket) -> None:
    lead = who("lead")
    TOTPDevice.objects.create(user=User.objects.get(login="the-lead"), name="phone", confirmed=True)
    for code in ("", "000000"):
        assert lead.post(page_of(ticket), {"reason": "Жалоба", "code": code}).status_code == 409
    assert not Event.objects.filter(type="EvidencePacked").exists()


@pytest.mark.parametrize("role", ["agent", "admin"])
def test_nobody_else_takes_it(ticket: Ticket, role: str) -> None:
    client = who(role)
    assert client.get(page_of(ticket)).status_code == 404
    assert client.post(page_of(ticket), {"reason": "Любопытно"}).status_code == 404
    assert not Event.objects.filter(type="EvidencePacked").exists()
