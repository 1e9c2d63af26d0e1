"""One ticket: reading it, working on it, and who may not."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.clock import now as read_clock
from customers.models import Account
from staff.models import StaffProfile
from tests.cast import ANNA, MALLORY, NOW, letter, origin, vouched
from tests.web.conftest import person, shows, signed_in
from tickets.contracts import Attachment as Attached
from tickets.models import Attachment, Draft, IdentityMatch, Message, Note, OutboundCopy, Ticket, Upload
from tickets.services.intake import receive
from users.models import User
from web.desk.fragments import TOKEN


def address(ticket: Ticket, noun: str = "") -> str:
    return f"/desk/tickets/{ticket.number}/{noun}"


def test_the_page_shows_the_three_blocks_and_the_conversation(agent, ticket):
    page = agent.get(address(ticket))
    shows(page, "Identification", "Authorization", "Description", ticket.subject, "HD-", ANNA, "First response")


def test_the_pretty_number_opens_the_same_ticket(agent, ticket):
    assert (
        agent.get(f"/desk/tickets/HD-{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}/").status_code == 200
    )


@pytest.mark.parametrize(
    ("role", "team"),
    [
        pytest.param("agent", "specialists", id="an agent of another team"),
        pytest.param("admin", "first-line", id="an administrator"),
    ],
)
def test_for_others_the_ticket_does_not_exist(ticket, role, team):
    other = signed_in(person("other", role, team))
    assert other.get(address(ticket)).status_code == 404
    for noun in ("claim", "replies", "notes", "status", "assignee", "drafts", "files", "following"):
        sent = {"text": "x", "status": "open", "mode": "note", "files": SimpleUploadedFile("a.txt", b"a")}
        assert other.post(address(ticket, noun), sent).status_code == 404, noun
    assert not Upload.objects.exists()
    assert not Note.objects.exists()
    assert not Message.objects.filter(direction="out", author="agent").exists()


def test_quality_reads_and_cannot_write(ticket):
    quality = signed_in(person("quality", "quality", "first-line"))
    shows(quality.get(address(ticket)), "your role does not work on it")
    assert quality.post(address(ticket, "replies"), {"text": "x"}).status_code == 404


def test_a_reply_goes_to_the_customer(agent, ticket):
    answer = agent.post(address(ticket, "replies"), {"text": "We are on it"}, follow=True)
    shows(answer, "We are on it", "Reply is on its way.")
    assert Message.objects.get(author="agent").text.startswith("We are on it")


def test_an_empty_reply_is_refused_in_words(agent, ticket):
    answer = agent.post(address(ticket, "replies"), {"text": " "})
    assert answer.status_code == 409
    shows(answer, "<title>Error: ", "the text is empty", "Nothing was sent, your text is here.")


def test_a_refused_reply_keeps_what_was_typed(agent, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    shows(agent.post(address(ticket, "replies"), {"text": "long thought"}), "long thought", "is closed")


def test_a_note_stays_inside(agent, ticket):
    shows(agent.post(address(ticket, "notes"), {"text": "only us"}, follow=True), "only us", "Internal note")
    assert not Message.objects.filter(text__contains="only us").exists()


def test_claim_state_classification_and_release_work_as_plain_forms(agent, ticket):
    for noun, values in (
        ("claim", {}),
        ("status", {"status": "waiting_customer"}),
        ("classification", {"kind": "incident", "impact": "3", "urgency": "3"}),
        ("assignee", {"staff_id": ""}),
    ):
        assert agent.post(address(ticket, noun), values).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.kind, ticket.assignee_id) == ("waiting_customer", "incident", None)


def test_the_history_says_who_did_what_by_name(agent, ticket):
    agent.post(address(ticket, "claim"))
    agent.post(address(ticket, "status"), {"status": "waiting_customer"})
    agent.post(address(ticket, "assignee"), {"staff_id": ""})
    shows(
        agent.get(address(ticket)),
        "<strong>Agent1</strong><span>Assignee: Agent1</span>",
        "Assignee: Nobody&#x27;s yet",
    )
    shows(agent.get(address(ticket)), "<strong>Agent1</strong><span>State: In progress → Waiting for customer</span>")


def test_a_file_is_taken_away_again_by_whoever_added_it(agent, ticket):
    file = SimpleUploadedFile("plan.txt", b"steps")
    uploaded = agent.post(address(ticket, "files"), {"files": file}).json()["uploads"][0]
    lead = signed_in(person("lead", "lead", "first-line"))
    lead.post(address(ticket, f"files/{uploaded['public_id']}/removal"))
    assert Upload.objects.exists()
    agent.post(address(ticket, f"files/{uploaded['public_id']}/removal"))
    assert not Upload.objects.exists()


def test_a_value_no_form_offers_does_not_exist(agent, ticket):
    assert agent.post(address(ticket, "status"), {"status": "eaten"}).status_code == 404


def test_a_change_of_state_needs_post(agent, ticket):
    assert agent.get(address(ticket, "claim")).status_code == 405


def test_a_draft_is_kept_and_an_older_window_does_not_overwrite_it(agent, ticket):
    first = agent.post(address(ticket, "drafts"), {"mode": "reply", "text": "half", "version": "0"})
    assert first.json()["version"] == 1
    stale = agent.post(address(ticket, "drafts"), {"mode": "reply", "text": "old", "version": "0"})
    assert stale.status_code == 409
    assert Draft.objects.get().text == "half"
    shows(agent.get(address(ticket)), "half")


def test_a_file_goes_out_with_the_reply(agent, ticket):
    file = SimpleUploadedFile("plan.txt", b"steps")
    uploaded = agent.post(address(ticket, "files"), {"files": file}).json()["uploads"][0]
    agent.post(address(ticket, "replies"), {"text": "see the plan", "uploads": uploaded["public_id"]})
    assert Attachment.objects.get().filename == "plan.txt"
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_with_the_limit(agent, ticket, settings):
    settings.MAX_ATTACHMENT_BYTES = 3
    answer = agent.post(address(ticket, "files"), {"files": SimpleUploadedFile("big.bin", b"four")})
    assert answer.status_code == 409
    assert "25 MB" in answer.json()["words"]


def test_an_attachment_is_a_download_that_runs_nothing(agent):
    evil = Attached("page.html", "text/html", b"<script>alert(1)</script>")
    receive(letter(attachments=(evil,), facts=vouched(ANNA)), origin=origin(), now=NOW)
    answer = agent.get(f"/desk/files/{Attachment.objects.get().public_id}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"


def test_an_attachment_is_nobody_elses(ticket):
    file = Attached("a.txt", "text/plain", b"secret")
    receive(letter(attachments=(file,), facts=vouched(ANNA), message_id="f@x"), origin=origin(raw_id=""), now=NOW)
    other = signed_in(person("agent2", "agent", "specialists"))
    assert other.get(f"/desk/files/{Attachment.objects.get().public_id}/").status_code == 404


def test_the_html_of_a_mail_is_shown_in_a_sandbox_without_its_scripts(agent):
    html = '<p>Hello</p><script>alert(1)</script><img src="https://track.example/x.gif">'
    receive(letter(html=html, facts=vouched(ANNA)), origin=origin(), now=NOW)
    message = Message.objects.get(direction="in")
    answer = agent.get(f"/desk/messages/{message.public_id}/html/")
    shows(answer, "Hello")
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "no-store" in answer["Cache-Control"]
    assert "script" not in policy
    assert "allow-scripts" not in policy
    page = answer.content.decode()
    assert "alert(1)" not in page
    assert "track.example" not in page
    assert "track.example" in agent.get(f"/desk/messages/{message.public_id}/html/?images=1").content.decode()


def test_an_image_of_the_mail_is_shown_by_an_address_that_says_who_looks(agent):
    image = Attached("a.png", "image/png", b"\x89PNG\r\n\x1a\n0000", content_id="pic", is_inline=True)
    html = '<p>See <img src="cid:pic"></p>'
    receive(letter(html=html, attachments=(image,), facts=vouched(ANNA)), origin=origin(), now=NOW)
    page = agent.get(f"/desk/messages/{Message.objects.get(direction='in').public_id}/html/").content.decode()
    found = page.partition("/desk/images/")[2].partition('"')[0]
    agent.cookies.clear()
    assert agent.get(f"/desk/images/{found}")["Content-Type"] == "image/png"
    assert agent.get(f"/desk/images/{found[:-4]}xxx/").status_code == 404


def test_a_message_of_another_sender_waits_for_a_decision(agent, ticket):
    first = Message.objects.get(ticket=ticket, direction="in")
    stranger = letter(sender=MALLORY, in_reply_to=(first.message_id,), message_id="s@x")
    receive(stranger, origin=origin(raw_id=""), now=NOW)
    shows(agent.get(address(ticket)), "Other sender.", "Accept into the ticket")
    held = Message.objects.get(held="waiting")
    agent.post(address(ticket, f"messages/{held.public_id}/acceptance"))
    held.refresh_from_db()
    assert held.held == "accepted"


def test_a_reply_that_failed_is_sent_again_and_one_that_left_is_not(agent, ticket):
    agent.post(address(ticket, "replies"), {"text": "We are on it"})
    copy = OutboundCopy.objects.get(message__author="agent")
    OutboundCopy.objects.filter(pk=copy.pk).update(status="failed", code="550", detail="No such user")
    shows(agent.get(address(ticket)), "not delivered", "No such user", "Send again")
    shows(agent.post(address(ticket, f"copies/{copy.pk}/sending"), follow=True), "Queued to be sent again.")
    copy.refresh_from_db()
    assert (copy.status, copy.code) == ("queued", "")
    shows(agent.post(address(ticket, f"copies/{copy.pk}/sending"), follow=True), "has been sent already")


def test_an_account_is_chosen_among_those_that_the_letter_points_to(agent, ticket):
    boris = Account.objects.create(kind="person", name="Boris Brown", login="brownsons")
    shows(agent.post(address(ticket, "account"), {"account_id": boris.pk}, follow=True), "not among those found")
    IdentityMatch.objects.create(ticket=ticket, account=boris, certainty="possible", claims=["domain"])
    shows(agent.get(address(ticket)), "Boris Brown", "This one")
    shows(agent.post(address(ticket, "account"), {"account_id": boris.pk}, follow=True), "Account chosen.")
    ticket.refresh_from_db()
    assert ticket.account_id == boris.pk


def test_a_lead_moves_the_ticket_to_the_queue_of_another_team(ticket):
    lead = signed_in(person("lead", "lead", "first-line"))
    shows(lead.get(address(ticket)), 'value="domains"')
    shows(lead.post(address(ticket, "queue"), {"queue": "domains"}, follow=True), "in another queue", "Domains")
    ticket.refresh_from_db()
    assert ticket.team.slug == "specialists"


def test_a_ticket_moved_out_of_sight_leads_back_to_the_list(agent, ticket):
    answer = agent.post(address(ticket, "queue"), {"queue": "domains"}, follow=True)
    shows(answer, "in another queue", "Mine and new")
    assert answer.status_code == 200


def test_a_menu_of_queues_with_nothing_to_choose_is_not_shown(agent, ticket):
    assert "/queue" not in agent.get(address(ticket)).content.decode()


def test_a_queue_that_is_none_does_not_exist(agent, ticket):
    assert agent.post(address(ticket, "queue"), {"queue": "kitchen"}).status_code == 404


def test_quality_sends_nothing_again_moves_nothing_and_chooses_nothing(agent, ticket):
    agent.post(address(ticket, "replies"), {"text": "We are on it"})
    copy = OutboundCopy.objects.get(message__author="agent")
    OutboundCopy.objects.filter(pk=copy.pk).update(status="failed")
    quality = signed_in(person("quality", "quality", "first-line"))
    page = quality.get(address(ticket)).content.decode()
    for words in ("Send again", "This one", "Take it", "<textarea"):
        assert words not in page
    for noun, values in (
        (f"copies/{copy.pk}/sending", {}),
        ("queue", {"queue": "domains"}),
        ("account", {"account_id": ticket.account_id}),
    ):
        assert quality.post(address(ticket, noun), values).status_code == 404, noun
    copy.refresh_from_db()
    assert copy.status == "failed"


def test_the_live_regions_come_without_the_composer(agent, ticket):
    page = agent.get(address(ticket), headers={"x-region": "ticket"}).content.decode()
    assert 'id="timeline"' in page
    assert "<textarea" not in page


def test_the_page_takes_six_queries_however_long_the_conversation(ticket, django_assert_num_queries):
    """Session, person, ticket, all that belongs to it, card, who looked; over HTTP, each with a sign-in of its own."""
    Ticket.objects.filter(pk=ticket.pk).update(level=3)
    for role in ("agent", "lead"):
        client = signed_in(person(role, role, "first-line"))
        client.get(address(ticket))
        with django_assert_num_queries(6):
            shows(client.get(address(ticket)), "annahost", "H-100001", "annashop.example")
    for number in range(12):
        letter_of_anna = letter(
            subject=f"Re: [HD-{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}]",
            text=f"word {number}",
            message_id=f"more{number}@x",
            facts=vouched(ANNA),
            attachments=(Attached(f"{number}.txt", "text/plain", b"x"),),
        )
        receive(letter_of_anna, origin=origin(raw_id=""), now=NOW)
        client.post(address(ticket, "notes"), {"text": f"note {number}"})
    Ticket.objects.filter(pk=ticket.pk).update(followers=list(StaffProfile.objects.values_list("pk", flat=True)))
    with django_assert_num_queries(6):
        shows(client.get(address(ticket)), "word 11", "11.txt", "note 11", "Followers</span> 2")


def test_a_kept_panel_shows_what_holds_now(agent, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(level=3)
    shows(agent.get(address(ticket)), "annahost")
    Account.objects.filter(login="annahost").update(login="renamed")
    shows(agent.get(address(ticket)), "renamed")
    Ticket.objects.filter(pk=ticket.pk).update(level_until=read_clock() - timedelta(seconds=1))
    assert "renamed" not in agent.get(address(ticket)).content.decode()


def test_a_kept_message_shows_what_became_of_its_copies(agent, ticket):
    agent.post(address(ticket, "replies"), {"text": "We are on it"})
    for status, words in (("sent", f"{ANNA}: sent"), ("failed", "not delivered"), ("sent", f"{ANNA}: sent")):
        OutboundCopy.objects.filter(message__author="agent").update(status=status)
        page = agent.get(address(ticket)).content.decode()
        assert words in page
        assert ("Send again" in page) == (status == "failed")


def test_forms_of_kept_panels_hold_the_token_of_their_reader(ticket):
    pages = {}
    for login in ("agent1", "other"):
        client = signed_in(person(login, "agent", "first-line"))
        page = client.get(address(ticket)).content.decode()
        tokens = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
        assert len(tokens) == 1
        pages[login] = tokens.pop()
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        sent = {"kind": "question", "impact": "1", "urgency": "1", "csrfmiddlewaretoken": pages[login]}
        assert strict.post(address(ticket, "classification"), sent).status_code == 302
        assert TOKEN not in page
    sent["csrfmiddlewaretoken"] = pages["agent1"]
    assert strict.post(address(ticket, "classification"), sent).status_code == 403


def test_a_sent_reply_is_taken_back_by_a_plain_form(agent, ticket):
    page = agent.post(address(ticket, "replies"), {"text": "Too early"}, follow=True)
    message = Message.objects.get(author="agent")
    back = address(ticket, f"messages/{message.public_id}/withdrawal")
    assert page.content.decode().count(f'action="{back}"') == 2  # at the message, and in the notice
    shows(page, "Leaves at")
    page = agent.post(back, follow=True)
    shows(page, "Taken back", ">Too early</textarea>", "A reply was taken back before it left")
    assert f'id="m-{message.pk}"' not in page.content.decode()
    shows(agent.post(back, follow=True), "cannot be taken back")


def test_a_colleague_is_not_offered_to_take_a_reply_back(agent, ticket):
    agent.post(address(ticket, "replies"), {"text": "Mine"})
    lead = signed_in(person("lead", "lead", "first-line"))
    page = lead.get(address(ticket))
    shows(page, "Mine")
    assert "withdrawal" not in page.content.decode()


def test_a_ticket_is_followed_and_left_by_plain_forms_and_shows_who_follows(agent, ticket):
    shows(agent.get(address(ticket)), "Follow <kbd>F</kbd>")
    page = agent.post(address(ticket, "following"), follow=True)
    shows(page, "You follow the ticket.", "Unfollow <kbd>F</kbd>", "Followers</span> 1", "Agent1</li>")
    other = signed_in(person("agent3", "agent", "first-line"))
    shows(other.get(address(ticket)), "Follow <kbd>F</kbd>", "Followers</span> 1")
    User.objects.filter(login="agent3").update(is_active=False)
    Ticket.objects.update(followers=list(StaffProfile.objects.values_list("pk", flat=True)))
    page = agent.get(address(ticket)).content.decode()
    assert "Agent1</li>" in page
    assert "Agent3</li>" not in page  # he left
    page = agent.post(address(ticket, "following/removal"), follow=True)
    shows(page, "You do not follow the ticket any more.", "Follow <kbd>F</kbd>")
    assert "Followers</span>" not in page.content.decode()


def test_the_people_of_a_ticket_are_taken_in_let_speak_and_sent_away(agent, ticket):
    shows(agent.get(address(ticket)), "Who takes part", "Add somebody")
    answer = agent.post(address(ticket, "recipients"), {"email": "hoster@partner.example"}, follow=True)
    shows(
        answer, "hoster@partner.example takes part from now on.", "added by Agent1", "Let hoster@partner.example answer"
    )
    hoster = ticket.participants.get(email="hoster@partner.example")
    told = agent.post(address(ticket, f"recipients/{hoster.pk}/reply"), {"may_reply": "1"}, follow=True)
    shows(told, "is an answer")
    shows(agent.get(address(ticket)), "Hold what hoster@partner.example writes")
    shows(agent.post(address(ticket, f"recipients/{hoster.pk}/removal"), follow=True), "gets nothing more")


def test_an_address_that_cannot_be_taken_in_stays_in_its_form(agent, ticket):
    for email, words in (("nobody", "cannot be read"), (ANNA, "takes part already")):
        answer = agent.post(address(ticket, "recipients"), {"email": email, "may_reply": "1"})
        assert answer.status_code == 400
        shows(answer, words, f'value="{email}"', 'value="1" checked')
    assert ticket.participants.count() == 1


def test_who_may_not_work_the_ticket_takes_nobody_in(ticket):
    for other in (person("other", "agent", "specialists"), person("quality", "quality", "first-line")):
        assert signed_in(other).post(address(ticket, "recipients"), {"email": MALLORY}).status_code == 404
    assert ticket.participants.count() == 1
