"""A notification by mail, from the note to the other server."""

import email
from datetime import timedelta
from email import policy

import pytest

from automation import choices, mail
from automation.policies import Pace, Way
from core.clock import now as read_clock
from events import worker
from staff.models import StaffLetter
from tests import cast
from tickets.models import Ticket
from tickets.policies.concern import Why
from tickets.services import conversation
from tickets.services.intake import receive
from users.models import User


@pytest.mark.django_db(transaction=True)
def test_whoever_is_named_in_a_note_gets_one_letter_that_answers_to_nobody(support, settings, sink):
    server, relay = sink
    settings.DEMO, settings.EMAIL_URL = False, f"smtp://{relay.host}:{relay.port}"
    cast.desk()
    now = read_clock()
    opened = receive(cast.letter(subject="Сайт отдаёт 502"), origin=cast.origin(), now=now - timedelta(hours=1))
    writer, named = cast.actor("agent1", "agent", "first-line"), cast.person("lead", "lead")
    User.objects.update(language="en")
    choices.keep(named.pk, ways={Why.MENTIONED: Way.MAIL}, pace=Pace.AT_ONCE, quiet=(None, None), zone="")
    number = Ticket.objects.get(pk=opened.ticket_id).number
    conversation.add_note(number, by=writer, text="@Lead, secret words", now=now - timedelta(minutes=5))
    worker.drain()
    mail.send(now)
    mail.send(now)
    worker.drain()
    worker.drain(lambda: read_clock() + timedelta(days=1))
    (sent,) = [content for _, to, content in server.mails if to == [named.user.email]]
    message = email.message_from_bytes(sent, policy=policy.default)
    assert message["Subject"] == f"HD-{number[:3]}-{number[3:6]}-{number[6:]}: You were mentioned"
    assert message["Auto-Submitted"].startswith("auto-")
    text = message.get_body(("plain",)).get_content()
    assert "Сайт отдаёт 502" in text
    assert b"secret" not in sent and "secret" not in text
    assert StaffLetter.objects.get().status == "sent"
