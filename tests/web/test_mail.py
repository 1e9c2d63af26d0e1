"""Whether a mail arrived: every one that was accepted, what became of it and why."""

import re
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.db import connection

from channels_app import arrivals, intake, refusals
from channels_app.models import WRITER, Channel, RawMessage
from tests.cast import ANNA, BORIS, MALLORY, NOW, actor, letter, origin, vouched
from tests.channels_app import letters
from tests.web.conftest import person, shows, signed_in
from tests.web.test_quarantine import quarantined
from tickets.contracts import Nature
from tickets.enums import SenderList
from tickets.models import Ticket
from tickets.services import sender_lists
from tickets.services.intake import receive

PAGE = "/desk/mail/"


def came(sender: str = ANNA, subject: str = "Сайт отдаёт 502", *, state: str = "filed", **more) -> RawMessage:
    raw = quarantined(subject)
    for name, value in {"sender": sender, "state": state, "reason": "", **more}.items():
        setattr(raw, name, value)
    raw.save()
    return raw


def filed(sender: str = ANNA, **more) -> tuple[RawMessage, Ticket]:
    """A mail and the ticket it stands in."""
    heard = letter(sender, facts=vouched(sender), **more)
    raw = came(sender, heard.subject)
    done = receive(heard, origin=origin(raw_id=str(raw.public_id)), now=NOW)
    RawMessage.objects.filter(pk=raw.pk).update(reason=done.reason)
    return raw, Ticket.objects.get(pk=done.ticket_id)


def test_a_mail_in_a_ticket_is_told_with_its_number_and_the_automatic_reply(agent):
    _, ticket = filed()
    shows(agent.get(PAGE, {"sender": ANNA}), "In a ticket", f"/desk/tickets/{ticket.number}/", ticket.subject, "queued")


def test_it_reads_in_russian():
    filed()
    client = signed_in(person("agent1", "agent", "first-line"), language="ru")
    shows(client.get(PAGE), "Дошло ли письмо?", "В заявке", "Автоответ:")


def test_the_second_mail_of_a_writer_says_why_nothing_answered_it(agent):
    _, ticket = filed()
    number = f"{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}"
    filed(subject=f"Re: [HD-{number}]", message_id="second@x")
    shows(agent.get(PAGE), "an earlier mail of this writer had it")


def test_a_withheld_reply_says_its_reason(agent):
    filed(nature=Nature.LIST)
    shows(agent.get(PAGE), "automatic mail is never answered")


def test_another_sender_is_told_as_held(agent):
    filed(message_id="first@x")
    filed(MALLORY, in_reply_to=("first@x",), message_id="second@x")
    shows(agent.get(PAGE, {"sender": MALLORY}), "Held in a ticket: another sender")


@pytest.mark.parametrize(
    ("state", "more", "shown"),
    [
        ("received", {}, "being read now"),
        ("quarantined", {"reason": "too_deep"}, "Nested too deeply"),
        ("refused", {"reason": "our_own_mail"}, "our own letter came back"),
        ("refused", {"reason": "bounce_without_ticket"}, "returned mail, but not one of ours"),
        ("filed", {}, "no longer here"),
    ],
)
def test_every_end_of_a_mail_has_its_words(agent, state, more, shown):
    came(state=state, **more)
    shows(agent.get(PAGE, {"sender": ANNA}), shown)


def test_a_dismissed_mail_names_who_dismissed_it(agent):
    held = quarantined("Счёт")
    agent.post(f"/desk/quarantine/{held.public_id}/dismissal")
    shows(agent.get(PAGE), "Dismissed from quarantine", "Decided by Agent1", "Nested too deeply")


def test_a_mail_that_came_twice_says_so():
    channel = Channel.objects.create(slug="m", name="S", address="support@example.com", queue_slug="hosting")
    for minutes in range(3):
        intake.accept(letters.letter(), channel=channel, door="smtp", now=NOW + timedelta(minutes=minutes))
    assert RawMessage.objects.get().received_at == NOW
    agent = signed_in(person("agent1", "agent", "first-line"))
    shows(agent.get(PAGE), "came 2 times more, last on 23.11.2026 12:02")


def test_mail_is_found_by_its_writer_in_any_writing_read_or_not(agent):
    came("anna@xn--80ak6aa92e.example")
    came('"Petrova, Anna" <Anna@XN--80AK6AA92E.example>', "Unreadable", state="quarantined", reason="too_deep")
    came(BORIS, "Of Boris")
    page = agent.get(PAGE, {"sender": "Анна <ANNA@аррӏе.example>"}).content.decode()
    assert page.count('class="card"') == 2
    assert "Of Boris" not in page


def test_mail_is_found_by_its_days(agent):
    for days in range(3):
        came(subject=f"Day {days}", received_at=NOW + timedelta(days=days))
    page = agent.get(PAGE, {"since": "2026-11-24", "until": "2026-11-24"}).content.decode()
    assert "Day 1" in page
    assert "Day 0" not in page
    assert "Day 2" not in page


def test_pages_follow_each_other_without_gap_or_repetition(agent):
    for number in range(120):
        came(subject=f"<{number:03}>", received_at=NOW + timedelta(seconds=number // 7))
    seen, query = [], ""
    while True:
        page = agent.get(PAGE + query).context
        seen += [line.subject for line in page["lines"]]
        query = page["next_query"]
        if not query:
            break
    assert seen == [f"<{number:03}>" for number in reversed(range(120))]


@pytest.mark.parametrize("kind", ["incident", "restricted"])
def test_a_ticket_that_may_not_be_seen_gives_away_neither_number_nor_subject(kind):
    _, ticket = filed(subject="Запрос следствия")
    Ticket.objects.filter(pk=ticket.pk).update(kind=kind)
    page = signed_in(person("agent2", "agent", "specialists")).get(PAGE, {"sender": ANNA})
    shows(page, "In a ticket", "The ticket is not open to you.")
    for secret in (ticket.number, ticket.number[3:6] + "-", "Запрос следствия"):
        assert secret not in page.content.decode()


@pytest.mark.parametrize("role", ["quality", "admin"])
def test_who_does_not_handle_quarantine_does_not_see_the_mail(role):
    other = signed_in(person("other", role, "first-line"))
    assert other.get(PAGE).status_code == 403
    assert PAGE not in other.get("/desk/").content.decode()


@pytest.mark.parametrize("typed", ["an", "@", "a b", "a@b@c", "\x00", "'; DROP TABLE--", '"<>"', "<>@<>"])
def test_what_is_no_address_is_told_and_kept(agent, typed):
    came()
    page = agent.get(PAGE, {"sender": typed})
    shows(page, "This cannot stand in an address.", 'aria-invalid="true"')
    assert "отдаёт 502" not in page.content.decode()


@pytest.mark.parametrize("odd", ["0001-01-01", "9999-12-31", "yesterday", "2026-02-31", "\x00"])
def test_an_odd_day_still_shows_a_page(agent, odd):
    came()
    for name in ("since", "until"):
        assert agent.get(PAGE, {name: odd}).status_code == 200


@pytest.mark.parametrize("after", ["%%%", "W10=", "WyIyMDI2LTAxLTAxVDAwOjAwWiIsIDFlOTldCg=="])
def test_a_damaged_cursor_is_the_first_page(agent, after):
    came()
    shows(agent.get(PAGE, {"after": after}), "502")


def test_the_page_takes_seven_queries_however_many_mails(agent, django_assert_num_queries):
    """Session, person, the mails; their messages, tickets and replies; what was refused."""
    filed("first@x.example", subject="First", message_id="first@x")
    agent.get(PAGE)  # names of colleagues are read once a minute
    for number in range(4):
        filed(f"anna{number}@x.example", subject=f"M {number}", message_id=f"m{number}@x")
        with django_assert_num_queries(7):
            shows(agent.get(PAGE), f"M {number}")


def test_mail_of_a_writer_is_found_along_its_index():
    """Many writers, one asked for: nothing walks the table."""
    RawMessage.objects.bulk_create(
        RawMessage(
            door="smtp", received_at=NOW, size_bytes=1, digest="0" * 64, dedupe_key=str(n), sender=f"a{n}@x.example"
        )
        for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE channels_app_rawmessage")
    rows = RawMessage.objects.alias(writer=WRITER)
    plan = rows.filter(writer="a7@x.example").order_by("-received_at", "-id").explain()
    assert "channels_raw_of_writer" in plan


@pytest.mark.parametrize("region", ["", "options"])
def test_a_search_for_an_address_leads_to_its_mail(agent, region):
    came()
    found = agent.get("/desk/search/", {"q": ANNA}, headers={"x-region": region} if region else {})
    address = re.search(r'href="(/desk/mail/[^"]+)"', found.content.decode())[1]
    shows(agent.get(address), "502")
    reader = signed_in(person("q", "quality")).get("/desk/search/", {"q": ANNA})
    assert "/desk/mail/" not in reader.content.decode()


def test_nothing_came_is_said(agent):
    shows(agent.get(PAGE, {"sender": "nobody@x.example"}), "No such mail came")


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("hosting-client.example", True),
        ("@Hosting-Client.example", True),
        ("hosting", True),
        ("anna@host", True),
        ("ANNA@", True),
        ("пример.рф", False),
        ("100%", False),
        ("a_na", False),
        ("other.example", False),
    ],
)
def test_mail_is_found_by_a_part_of_the_address_or_its_domain(agent, typed, is_found):
    came(ANNA)
    assert ("отдаёт 502" in agent.get(PAGE, {"sender": typed}).content.decode()) == is_found


def test_a_domain_is_found_in_the_alphabet_it_is_written_in(agent):
    came("anna@xn--e1afmkfd.xn--p1ai")
    shows(agent.get(PAGE, {"sender": "@пример.рф"}), "502")


def many(sender: str, count: int, *, at=NOW) -> None:
    RawMessage.objects.bulk_create(
        RawMessage(
            door="smtp", received_at=at, size_bytes=1, digest="0" * 64, dedupe_key=f"{sender}{n}", sender=sender % n
        )
        for n in range(count)
    )


def test_mail_of_a_part_is_found_along_its_index():
    many("a%d@x.example", 20_000)
    many("b%d@rare.example", 3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('channels_raw_of_part')")  # as autovacuum does
        cursor.execute("ANALYZE channels_app_rawmessage")
    having = RawMessage.objects.alias(writer=WRITER).filter(writer__contains="rare.ex")
    assert "channels_raw_of_part" in having.explain()
    assert len(arrivals.mail(part="rare.ex").rows) == 3


def test_a_part_that_many_have_is_looked_for_within_bounds_and_the_page_says_so(agent):
    many("old%d@common.example", arrivals.FEW + 1, at=NOW - timedelta(days=1))
    many("new%d@x.example", arrivals.WALKED)
    page = agent.get(PAGE, {"sender": "common.ex"})
    shows(page, "Nothing yet", "Look further")
    further = re.search(r'href="([^"]+)" rel="next"', page.content.decode())[1].replace("&amp;", "&")
    found, seen = arrivals.mail(part="common.ex", after=parse_qs(further[1:])["after"][0]), []
    shows(agent.get(PAGE + further), "@common.example")
    while found.rows:
        seen += [row.sender for row in found.rows]
        found = arrivals.mail(part="common.ex", after=found.next_cursor) if found.next_cursor else arrivals.MailPage([])
    assert len(set(seen)) == len(seen) == arrivals.FEW + 1


def test_what_was_refused_at_the_door_is_told_to_who_asks_for_that_sender(agent):
    for sender, reason in ((ANNA, "no_mailbox"), (ANNA, "no_mailbox"), (BORIS, "too_large")):
        refusals.note(reason, sender=sender, recipient="suport@example.com", client_ip="192.0.2.7", now=NOW)
    page = agent.get(PAGE, {"sender": ANNA})
    shows(page, "Refused at the door", ANNA, "suport@example.com", "there is no mailbox of that name", "2 times")
    assert BORIS not in page.content.decode()
    shows(agent.get(PAGE, {"sender": "other-client"}), "the mail is too large")
    assert "Refused at the door" not in agent.get(PAGE, {"sender": MALLORY}).content.decode()
    assert "Refused at the door" not in agent.get(PAGE, {"since": "2027-01-01"}).content.decode()


def test_an_answer_to_a_side_letter_and_spam_say_what_they_are(agent):
    came(MALLORY, "Answer", reason="side_letter")
    shows(agent.get(PAGE, {"sender": MALLORY}), "Beside a ticket, as an answer to a side letter")
    lead = actor("lead", "lead", "first-line")
    sender_lists.add(SenderList.BLOCK, BORIS, reason="noise", days=None, by=lead, now=NOW)
    filed(BORIS)
    shows(agent.get(PAGE, {"sender": BORIS}), "In a ticket", "the sender is blocked")
