"""A ticket that has everything, for whoever may not see it."""

from dataclasses import replace
from uuid import uuid4

import pytest

from staff.models import StaffProfile
from tests.attacks.test_mail import token_of
from tests.cast import ANNA, MALLORY, NOW, anna, desk, letter, origin, vouched
from tests.web.conftest import person
from tickets.contracts import Address
from tickets.contracts import Attachment as File
from tickets.enums import Direction, NumberSource
from tickets.models import Tag, Ticket
from tickets.services import calls, conversation, drafts, participants, search, side_letters, sorting, tagging
from tickets.services.critical import acting
from tickets.services.drafts import NO_BASIS, Writing
from tickets.services.intake import receive
from tickets.services.promises import Promised
from tickets.services.side_letters import SideEnvelope

MARK = "zakrytoe"  # in every word of the ticket that nobody else may read
COMMON = "Osoboe"  # by which whoever searches would find it


@pytest.fixture
def world(db: None) -> Ticket:
    """A ticket of the specialists with everything a ticket can have."""
    desk()
    anna()
    own = StaffProfile.objects.get(user__email=person("special", "agent", "specialists"))
    by = own.actor()
    heard = letter(
        subject=f"{COMMON} {MARK}", text=f"{COMMON} {MARK} пароль: {MARK}!7", html=f"<p>{MARK}</p>",
        facts=vouched(ANNA), attachments=(File(f"{MARK}.txt", "text/plain", MARK.encode()),),
    )  # fmt: skip
    ticket = Ticket.objects.get(pk=receive(heard, origin=replace(origin("raw"), queue="domains"), now=NOW).ticket_id)
    number = ticket.number
    held = letter(MALLORY, text=MARK, facts=vouched(MALLORY), reply_tokens=(token_of(ticket),), message_id="held@x")
    receive(held, origin=origin("held"), now=NOW)
    other = receive(letter(subject=MARK, message_id="o@x"), origin=replace(origin("o"), queue="domains"), now=NOW)
    sorting.link(number, Ticket.objects.get(pk=other.ticket_id).number, by=by, now=NOW)
    participants.add(number, Address("copy@partner.example", MARK), may_reply=False, by=by, now=NOW)
    promised = Promised(NOW.replace(year=NOW.year + 1), MARK)
    reply = conversation.reply(number, by=by, text=MARK, promised=promised, asks=f"- {MARK}", now=NOW)
    conversation.add_note(number, by=by, text=f"{COMMON} {MARK}", now=NOW)
    envelope = SideEnvelope(to=Address("hoster@partner.example", MARK), subject=MARK)
    side_letters.send(number, by=by, text=MARK, envelope=envelope, now=NOW)
    drafts.save(number, by=by, mode="reply", writing=Writing(MARK), basis=NO_BASIS, now=NOW)
    conversation.add_upload(number, by=by, filename=f"{MARK}.txt", content=b"x", now=NOW)
    tag = Tag.objects.create(name="tag", colour="1")
    tagging.add(number, tag_id=tag.pk, by=by, now=NOW)
    acting.request(number, "password_reset", {"login": f"{MARK}"}, by=by, now=NOW)
    new = calls.NewCall(
        request_id=uuid4(),
        direction=Direction.INBOUND,
        number="+74951234567",
        number_source=NumberSource.SHOWN,
        caller=None,
        caller_name=MARK,
        subject=MARK,
        words=MARK,
        language="ru",
        ticket=number,
    )
    calls.register(new, by=by, now=NOW)
    assert reply.ticket_id == ticket.pk
    Ticket.objects.update(kind="restricted", level=4)
    search.index_all()
    return ticket
