"""From a mail that came to the answer that left: what is recorded is what happened at the other server."""

from datetime import timedelta

import pytest

from channels_app import filing, intake, queries
from channels_app.models import Channel, Door
from core.clock import now as read_clock
from events import worker
from events.models import Delivery
from staff.models import Team
from tests import cast
from tests.channels_app.letters import letter
from tickets.contracts import Address
from tickets.models import OutboundCopy, SideLetter, Ticket
from tickets.services import side_letters
from tickets.services.side_letters import SideEnvelope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queued(support: Channel, settings, tmp_path, sink) -> OutboundCopy:
    """The automatic reply to Sam's mail, about to leave by the sink."""
    _, relay = sink
    settings.EMAIL_URL = f"smtp://{relay.host}:{relay.port}"
    settings.DEMO = False
    settings.DATA_DIR = tmp_path
    intake.accept(letter(), channel=support, door=Door.PIPE, envelope_from="sam@bare.example", now=read_clock())
    filing.process_batch()
    return OutboundCopy.objects.get()


def state(copy: OutboundCopy) -> tuple[str, str, str]:
    copy.refresh_from_db()
    return copy.status, copy.code, Delivery.objects.get().state


ENDS = {
    "accepted": ({}, ("sent", "250", "done")),
    "not now": ({"DATA": "451 4.3.0 later"}, ("failed_temporarily", "451", "pending")),
    "never": ({"RCPT": "550 5.1.1 nobody"}, ("failed", "550", "failed")),
}


@pytest.mark.parametrize(("answers", "end"), ENDS.values(), ids=ENDS)
def test_the_answer_of_the_server_is_recorded_at_the_copy(queued, sink, answers, end) -> None:
    sink[0].answers = answers
    worker.drain()
    assert state(queued) == end


def test_silence_after_the_final_dot_is_shown_and_not_repeated(queued, sink) -> None:
    sink[0].hangs_up = True
    worker.drain()
    worker.drain(lambda: read_clock() + timedelta(days=1))
    assert state(queued)[::2] == ("uncertain", "uncertain")
    assert len(sink[0].mails) == 1


def test_a_process_that_dies_after_the_final_dot_leaves_it_uncertain(queued, sink) -> None:
    ((work, _),) = worker.claim(now=read_clock(), limit=1)
    assert work.begin("data")  # and the process dies here
    worker.drain(lambda: read_clock() + timedelta(hours=1))
    assert state(queued)[::2] == ("uncertain", "uncertain")
    assert sink[0].mails == []


def test_a_process_that_dies_before_the_final_dot_is_followed_by_another(queued, sink) -> None:
    worker.claim(now=read_clock(), limit=1)  # and the process dies here
    worker.drain(lambda: read_clock() + timedelta(hours=1))
    assert state(queued) == ("sent", "250", "done")
    assert len(sink[0].mails) == 1


def test_an_automatic_reply_has_the_null_return_path(queued, sink) -> None:
    worker.drain()
    ((mail_from, recipients, content),) = sink[0].mails
    assert (mail_from, recipients) == ("<>", ["sam@bare.example"])
    assert b"Auto-Submitted: auto-replied\r\n" in content
    assert content.startswith(b"DKIM-Signature:")


def test_a_side_letter_leaves_by_the_same_door_and_its_answer_is_filed_inside(queued, support, sink) -> None:
    team = Team.objects.get_or_create(slug="first-line", defaults={"name_ru": "1", "name_en": "1"})[0]
    Ticket.objects.update(team=team)
    agent = cast.actor("agent1", "agent", team.slug)
    to = SideEnvelope(Address("noc@upstream.example"), "Outage?")
    side_letters.send(Ticket.objects.get().number, by=agent, text="Is it you?", envelope=to, now=read_clock())
    worker.drain(lambda: read_clock() + timedelta(minutes=1))
    ours = SideLetter.objects.get()
    assert (ours.status, ours.code) == ("sent", "250")
    ((_, _, content),) = [mail for mail in sink[0].mails if mail[1] == ["noc@upstream.example"]]
    assert f"Reply-To: {ours.sender_email}".encode() in content
    raw = letter(message_id="two@upstream.example").replace(b"sam@bare.example", b"noc@upstream.example")
    intake.accept(
        raw, channel=support, door=Door.PIPE, envelope_from="noc@upstream.example", envelope_to=[ours.sender_email],
        now=read_clock(),
    )  # fmt: skip
    filing.process_batch()
    assert SideLetter.objects.filter(direction="in", sender_email="noc@upstream.example").count() == 1
    assert queries.mail_nowhere(read_clock()).count == 0
