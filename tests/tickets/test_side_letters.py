"""Letters to third parties: theirs are the only eyes outside the desk that ever see them."""

from datetime import timedelta

import pytest

from customers.models import ContactPoint, Contract
from customers.models.confidential import AccountConfidential
from events import worker
from events.models import Delivery
from tests.cast import ANNA, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tickets.contracts import Address, BouncedRecipient, Nature, SendReceipt, SendStatus
from tickets.enums import SenderList
from tickets.models import (
    Attachment,
    AutoReply,
    Message,
    OutboundCopy,
    Participant,
    SideConversation,
    SideLetter,
    Ticket,
)
from tickets.policies import tokens
from tickets.policies.quoting import forwarded
from tickets.queries import attachment, ticket_page
from tickets.services import conversation, letters, sender_lists, side_letters
from tickets.services.intake import receive
from tickets.services.refused import Refused
from tickets.services.side_letters import SideEnvelope

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(minutes=5)
HOSTER = "noc@upstream.example"
SECRET = "тайна перевозки"


@pytest.fixture
def ticket() -> Ticket:
    desk()
    anna()
    opened = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    return Ticket.objects.get(pk=opened.ticket_id)


@pytest.fixture
def agent(ticket):
    return actor("agent1", "agent", "first-line")


def send(ticket, agent, text=SECRET, *, to=HOSTER, subject="Outage?", **more) -> SideLetter:
    envelope = SideEnvelope(Address(to), subject, **more)
    return side_letters.send(ticket.number, by=agent, text=text, envelope=envelope, now=SOON)


def answer(to: SideLetter, text=f"ответ: {SECRET}", *, sender=HOSTER, raw_id="", **more):
    token = to.sender_email.partition("@")[0].partition("+")[2]
    heard = letter(sender=sender, text=text, reply_tokens=(token,), facts=vouched(sender), **more)
    return receive(heard, origin=origin(raw_id), now=SOON)


def test_a_side_letter_leaves_from_an_address_of_its_own_and_names_no_ticket(ticket, agent):
    sent = side_letters.outbound_message(send(ticket, agent).pk)
    assert sent.recipient.email == HOSTER
    assert sent.sender.email == sent.reply_to
    assert sent.sender.email.startswith("support+s")
    whole = f"{sent.subject} {sent.text} {sent.html} {sent.references} {sent.in_reply_to} {sent.sender}"
    for known in (ticket.number, ticket.number[:3] + "-", ticket.subject, ANNA, str(ticket.public_id)):
        assert known not in whole


def test_neither_kind_of_token_is_taken_for_the_other():
    key = b"k" * 32
    assert tokens.read(tokens.make_side(7, key=key), key=key) is None
    assert tokens.read_side(tokens.make(7, key=key), key=key) is None
    assert tokens.read_side(tokens.make_side(7, key=key), key=key) == 7
    relabelled = "t" + tokens.make_side(7, key=key)[1:]
    assert tokens.read(relabelled, key=key) is None


def test_its_answer_comes_back_inside_and_nobody_is_answered(ticket, agent):
    before = (Message.objects.count(), OutboundCopy.objects.count(), AutoReply.objects.count())
    end = answer(send(ticket, agent))
    assert (end.outcome, end.reason, end.ticket_id, end.message_id) == ("recorded", "side_letter", ticket.pk, None)
    assert (Message.objects.count(), OutboundCopy.objects.count(), AutoReply.objects.count()) == before
    assert Ticket.objects.count() == 1
    items = [i for i in ticket_page(agent, ticket.number, now=SOON).timeline if i.kind == "side"]
    assert sorted(i.direction for i in items) == ["in", "out"]


def test_it_is_found_by_the_letter_it_answers_when_its_token_is_lost(ticket, agent):
    ours = send(ticket, agent)
    heard = letter(sender=HOSTER, text="да", in_reply_to=(ours.message_id,), facts=vouched(HOSTER))
    assert receive(heard, origin=origin(), now=SOON).reason == "side_letter"


def test_nothing_of_it_reaches_the_requester(ticket, agent):
    answer(send(ticket, agent))
    conversation.reply(ticket.number, by=agent, text="Чиним", now=SOON)
    receive(letter(text="ну что", facts=vouched(ANNA)), origin=origin(), now=SOON)
    for copy in OutboundCopy.objects.all():
        sent = letters.outbound_message(copy.pk)
        assert SECRET not in f"{sent.subject} {sent.text} {sent.html}"
        assert HOSTER not in f"{sent.to} {sent.cc} {sent.recipient} {sent.text}"
        ours = set(SideLetter.objects.values_list("message_id", flat=True))
        assert not ours & {*sent.references, sent.in_reply_to}
    assert not Message.objects.filter(text__contains=SECRET).exists()
    assert not Participant.objects.filter(email=HOSTER).exists()
    assert Ticket.objects.get(pk=ticket.pk).preview != f"ответ: {SECRET}"


def test_it_proves_nothing_and_stops_no_clock(ticket, agent):
    ours = send(ticket, agent)
    answer(ours)
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.level, after.due_at, after.requester_email) == (ticket.level, ticket.due_at, ANNA)


@pytest.mark.parametrize("sender", [MALLORY, ANNA], ids=["a stranger", "the requester himself"])
def test_whoever_else_holds_its_address_is_held_inside(ticket, agent, sender):
    answer(send(ticket, agent), sender=sender)
    held = SideLetter.objects.get(direction="in")
    assert held.held == "waiting"
    assert not Message.objects.filter(text__contains=SECRET).exists()
    side_letters.judge(ticket.number, letter_public_id=str(held.public_id), is_accepted=True, by=agent, now=SOON)
    held.refresh_from_db()
    assert held.held == "accepted"
    with pytest.raises(Refused, match="already_decided"):
        side_letters.judge(ticket.number, letter_public_id=str(held.public_id), is_accepted=False, by=agent, now=SOON)


def test_an_altered_token_opens_a_ticket_of_its_sender_s_own(ticket, agent):
    ours = send(ticket, agent)
    token = ours.sender_email.partition("@")[0].partition("+")[2]
    altered = token[:-1] + ("a" if token[-1] != "a" else "b")
    heard = letter(sender=HOSTER, text="да", reply_tokens=(altered,), facts=vouched(HOSTER))
    assert receive(heard, origin=origin(), now=SOON).outcome == "opened"
    assert not SideLetter.objects.filter(direction="in").exists()


def test_a_waiting_ticket_is_at_work_again_when_the_third_party_answers(ticket, agent):
    Ticket.objects.filter(pk=ticket.pk).update(status="waiting_third_party")
    ours = send(ticket, agent)
    answer(ours, sender=MALLORY)
    assert Ticket.objects.get(pk=ticket.pk).status == "waiting_third_party"
    answer(ours)
    assert Ticket.objects.get(pk=ticket.pk).status == "open"


def test_its_answer_is_filed_once_however_often_it_comes(ticket, agent):
    ours = send(ticket, agent)
    first, second = answer(ours, raw_id="r-1"), answer(ours, raw_id="r-1")
    assert (first.ticket_id, second.ticket_id) == (ticket.pk, ticket.pk)
    assert SideLetter.objects.filter(direction="in").count() == 1


def test_a_returned_side_letter_is_marked_and_asks_nobody(ticket, agent):
    ours = send(ticket, agent)
    answer(
        ours,
        text="550",
        sender="mailer-daemon@upstream.example",
        nature=Nature.BOUNCE,
        bounced=(BouncedRecipient(HOSTER, "5.1.1"),),
        bounced_message_ids=(ours.message_id,),
    )
    ours.refresh_from_db()
    assert (ours.status, SideLetter.objects.get(direction="in").held) == ("bounced", "")


def test_what_became_of_it_is_recorded_once(ticket, agent):
    ours = send(ticket, agent)
    side_letters.record_delivery(ours.pk, receipt=SendReceipt(SendStatus.SENT, "250"), now=SOON)
    side_letters.record_delivery(ours.pk, receipt=SendReceipt(SendStatus.UNCERTAIN, "timeout"), now=SOON)
    ours.refresh_from_db()
    assert (ours.status, ours.code) == ("sent", "250")


def test_letters_to_one_third_party_are_one_conversation(ticket, agent):
    first = send(ticket, agent)
    assert send(ticket, agent, "Ещё").sender_email == first.sender_email
    assert send(ticket, agent, to="abuse@upstream.example").sender_email != first.sender_email
    assert SideConversation.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"text": "Договор h-100001, смотрите"}, "names_contracts", id="a contract"),
        pytest.param({"subject": "Login annahost"}, "names_login", id="the login in the subject"),
        pytest.param({"text": "ИНН 7707083893"}, "names_tax_number", id="the tax number"),
        pytest.param({"text": "Или owner@romashka.example"}, "names_administrative_address", id="the owner's address"),
        pytest.param({"text": "Звоните 8 (495) 123-45-67"}, "names_contacts", id="a contact's telephone"),
        pytest.param({"to": ANNA}, "is_requester", id="the requester is no third party"),
        pytest.param({"subject": " "}, "empty_subject", id="no subject"),
        pytest.param({"text": " "}, "empty_text", id="no text"),
    ],
)
def test_what_must_not_leave_is_stopped_with_its_reason(ticket, agent, more, code):
    account = Contract.objects.get(number="H-100001").account_id
    AccountConfidential.objects.create(
        account_id=account, tax_number="7707083893", administrative_email="owner@romashka.example"
    )
    ContactPoint.objects.create(account_id=account, kind="phone", value="+74951234567")
    Ticket.objects.filter(pk=ticket.pk).update(account=account, level=5)
    with pytest.raises(Refused, match=code):
        send(ticket, agent, **more)
    assert not SideLetter.objects.exists()


def test_a_domain_may_be_named_for_third_parties_have_to_look_at_it(ticket, agent):
    Ticket.objects.filter(pk=ticket.pk).update(account=Contract.objects.get(number="H-100001").account_id)
    assert send(ticket, agent, "annashop.example не отвечает")


def test_a_restricted_ticket_is_not_passed_on(ticket, agent):
    Ticket.objects.filter(pk=ticket.pk).update(kind="restricted", assignee=agent.staff_id)
    with pytest.raises(Refused, match="restricted"):
        send(ticket, agent)


def test_only_files_of_this_ticket_go_along_and_stay_for_the_desk(ticket, agent):
    mine = Attachment.objects.create(
        message=Message.objects.get(direction="in"),
        filename="a.txt",
        content_type="text/plain",
        digest="0",
        size_bytes=1,
    )
    other = receive(letter(subject="Другое"), origin=origin(), now=NOW)
    foreign = Attachment.objects.create(
        message_id=other.message_id, filename="b.txt", content_type="text/plain", digest="1", size_bytes=1
    )
    ours = send(ticket, agent, forwards=[str(mine.public_id), str(foreign.public_id)])
    assert [a.filename for a in side_letters.outbound_message(ours.pk).attachments] == ["a.txt"]
    assert attachment(agent, str(ours.attachments.get().public_id)).filename == "a.txt"


def test_a_forwarded_message_bears_its_headers():
    assert forwarded("Привет\nвсем", [("From", "A <a@b.example>"), ("To", ""), ("Subject", "x\ny")]) == (
        "> From: A <a@b.example>\n> Subject: x y\n>\n> Привет\n> всем"
    )


def test_a_blocked_third_party_s_answer_goes_where_other_mail_of_blocked_senders_goes(ticket, agent):
    sent = send(ticket, agent)
    sender_lists.put(SenderList.BLOCK, HOSTER, reason="noise", days=None, by=agent, now=NOW)
    end = answer(sent, raw_id="raw9")
    assert (end.outcome, end.reason) == ("opened", "blocked")
    assert SideLetter.objects.filter(direction="in").count() == 0
    assert Ticket.objects.get(pk=end.ticket_id).is_spam


def test_a_returned_side_letter_is_marked_though_its_domain_is_blocked(ticket, agent):
    sent = send(ticket, agent)
    sender_lists.put(SenderList.BLOCK, "upstream.example", reason="noise", days=None, by=agent, now=NOW)
    bounce = {"nature": Nature.BOUNCE, "bounced_message_ids": (sent.message_id,)}
    answer(sent, sender="mailer-daemon@upstream.example", **bounce)
    sent.refresh_from_db()
    assert sent.status == "bounced"


def take_back(ticket, agent, sent: SideLetter, now=SOON) -> None:
    side_letters.withdraw(ticket.number, letter_public_id=str(sent.public_id), by=agent, now=now)


def test_a_side_letter_is_due_a_quarter_of_a_minute_after_it_was_sent(ticket, agent):
    Delivery.objects.all().delete()
    send(ticket, agent)
    assert not worker.claim(now=SOON + timedelta(seconds=14), limit=5)
    assert worker.claim(now=SOON + timedelta(seconds=15), limit=5)


def test_taken_back_it_is_a_draft_again_with_its_files_and_nothing_is_sent(ticket, agent):
    Delivery.objects.all().delete()
    heard = Message.objects.get(direction="in")
    mine = Attachment.objects.create(message=heard, filename="theirs.txt", digest="d" * 64, size_bytes=1)
    upload = conversation.add_upload(ticket.number, by=agent, filename="ours.txt", content=b"1", now=NOW)
    envelope = SideEnvelope(Address(HOSTER), "Outage?", forwards=[str(mine.public_id)])
    uploads = [str(upload.public_id)]
    sent = side_letters.send(ticket.number, by=agent, text=SECRET, envelope=envelope, upload_ids=uploads, now=SOON)
    page = ticket_page(agent, ticket.number, now=SOON)
    assert [item.undo_until for item in page.timeline if item.kind == "side"] == [SOON + timedelta(seconds=15)]
    take_back(ticket, agent, sent)
    page = ticket_page(agent, ticket.number, now=SOON)
    assert not [item for item in page.timeline if item.kind == "side"]
    assert page.drafts["side"].text == SECRET
    assert page.drafts["side"].beside == {
        "side_to": HOSTER, "subject": "Outage?", "forwards": [str(mine.public_id)], "sender": "",
    }  # fmt: skip
    assert [file.filename for file in page.uploads] == ["ours.txt"]
    assert not worker.claim(now=SOON + timedelta(hours=1), limit=5)
    with pytest.raises(Refused, match="already_left"):
        take_back(ticket, agent, sent)


def test_what_a_worker_has_taken_has_left_and_a_colleague_takes_nothing_back(ticket, agent):
    Delivery.objects.all().delete()
    sent = send(ticket, agent)
    with pytest.raises(Refused, match="already_left"):
        take_back(ticket, actor("agent9", "agent", "first-line"), sent)
    worker.claim(now=SOON + timedelta(seconds=15), limit=5)
    with pytest.raises(Refused, match="already_left"):
        take_back(ticket, agent, sent)
    assert SideLetter.objects.get().withdrawn_at is None
