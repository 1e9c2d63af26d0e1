"""Finding: by every name a ticket goes under and by its words, for those who may see it and nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from customers.models import Account, ContactPoint, Service
from staff.models import StaffProfile
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tickets.models import Ticket
from tickets.numbers import pretty
from tickets.queries import SearchFilter, search
from tickets.services import assignment, conversation
from tickets.services import search as index
from tickets.services.intake import receive


@pytest.fixture(autouse=True)
def _desk(db):
    desk()


@pytest.fixture
def agent():
    return actor("agent1", "agent", "first-line")


def opened(**more) -> Ticket:
    into = more.pop("queue", "hosting")
    heard = letter(**more)
    return Ticket.objects.get(
        pk=receive(heard, origin=replace(origin(heard.message_id), queue=into), now=NOW).ticket_id
    )


def numbers(who, typed: str, **more) -> list[str]:
    index.index_all()
    return [row.number for row in search(who, typed, now=NOW, **more).rows]


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("сертификат", id="the word itself"),
        pytest.param("сертификатами", id="another form"),
        pytest.param("СЕРТИФИКАТА истекли", id="two words, other forms"),
        pytest.param("cthnbabrfn", id="the wrong layout"),
        pytest.param("сертефикат", id="a wrong letter"),
        pytest.param("сертифик", id="its beginning"),
        pytest.param("Петровой", id="the requester's name in another form"),
        pytest.param("елка", id="е for ё"),
        pytest.param("renewing", id="an English form"),
        pytest.param("ghost@nowhere.example", id="an address in the text"),
        pytest.param("0x80070005", id="a code"),
        pytest.param("'сертификат' & \"истёк\" | !", id="quotes and operators"),
    ],
)
def test_words_are_found_in_any_form(agent, typed):
    found = opened(
        subject="Истёк сертификат", text="Ёлки! Please renew it, ghost@nowhere.example, ошибка 0x80070005. А. Петрова"
    )
    opened(sender="boris@other-client.example", subject="Другое", text="Ничего общего")
    assert numbers(agent, typed) == [found.number]


@pytest.mark.parametrize(
    "typed",
    [ANNA, ANNA.upper(), "annahost", "AnnaHost", "H-100001", "н100001", "annashop.example", "лавка.рф",
     "+7 495 123-45-67", "8 (495) 1234567", "xn--80aae0a7b.xn--p1ai"],
)  # fmt: skip
def test_a_customer_is_found_under_everything_that_names_him(agent, typed):
    account = anna()
    Service.objects.create(account=account, kind="domain", name="лавка.рф", domain="лавка.рф".encode("idna").decode())
    ContactPoint.objects.create(account=account, kind="phone", value="+74951234567")
    if typed.startswith("xn--"):
        typed = "лавка.рф".encode("idna").decode()
    ticket = opened(facts=vouched(ANNA), text="Помогите")
    opened(sender="boris@other-client.example", subject="Другое", text="Ничего общего")
    page = search(agent, typed, now=NOW)
    assert [row.number for row in page.rows] == [ticket.number]
    assert page.named[0].account == "ООО «Ромашка»"


def test_a_telephone_number_may_leave_out_what_the_offices_own_says(agent, settings):
    ContactPoint.objects.create(account=anna(), kind="phone", value="+74951234567")
    assert search(agent, "123-45-67", now=NOW).named == ()
    settings.PHONE_AREA_CODE = "495"
    assert [each.account for each in search(agent, "123-45-67", now=NOW).named] == ["ООО «Ромашка»"]


def test_people_are_found_by_part_of_a_name(agent):
    anna()
    assert [(each.person, each.account) for each in search(agent, "петров", now=NOW).named] == [
        ("Анна Петрова", "ООО «Ромашка»")
    ]
    assert [each.account for each in search(agent, "ромашк", now=NOW).named] == ["ООО «Ромашка»"]
    assert search(agent, "%_%", now=NOW).named == ()


def test_a_number_finds_its_ticket_in_any_writing_and_a_wrong_digit_is_told(agent):
    ticket = opened()
    for typed in (ticket.number, pretty(ticket.number), f"[{pretty(ticket.number)}]"):
        assert numbers(agent, typed) == [ticket.number]
    wrong = ticket.number[:-1] + str((int(ticket.number[-1]) + 1) % 10)
    assert search(agent, wrong, now=NOW).asked.is_number_wrong


def test_nobody_finds_what_he_may_not_see(agent):
    hidden = opened(subject="Тайна домена", queue="domains")
    restricted = opened(sender="police@state.example", subject="Тайна запроса")
    Ticket.objects.filter(pk=restricted.pk).update(kind="restricted")
    quality, lead = actor("quality", "quality"), actor("lead", "lead", "specialists")
    admin, mine = actor("admin", "admin", "first-line"), actor("agent2", "agent", "specialists")
    assert numbers(agent, "тайна") == []
    assert numbers(agent, hidden.number) == []
    assert numbers(admin, "тайна") == []
    assert numbers(lead, "тайна") == numbers(quality, "тайна") == numbers(mine, "тайна") == [hidden.number]
    assignment.claim(hidden.number, by=mine, now=NOW)
    assert numbers(agent, "тайны") == []


def test_a_note_is_found_by_its_words_and_marked_as_one(agent):
    ticket = opened(subject="Вопрос", text="Просто вопрос")
    conversation.add_note(ticket.number, text="Похоже на перегрев стойки", by=agent, now=NOW)
    index.index_all()
    (row,) = search(agent, "перегревом", now=NOW).rows
    assert (row.number, row.is_note) == (ticket.number, True)
    assert "перегрев стойки" in row.snippet


def test_filters_narrow_what_is_found(agent):
    first, second = (
        opened(subject="Диск полон раз"),
        opened(sender="boris@other-client.example", subject="Диск полон два"),
    )
    assignment.claim(first.number, by=agent, now=NOW)
    me = str(StaffProfile.objects.get(user__login="agent1").pk)
    for chosen, found in (
        (SearchFilter(assignee=me), [first]),
        (SearchFilter(assignee="nobody"), [second]),
        (SearchFilter(status="closed"), []),
        (SearchFilter(queue="domains"), []),
        (SearchFilter(queue="hosting", door="email"), [second, first]),
        (SearchFilter(level=5), []),
        (SearchFilter(since=NOW + timedelta(days=1)), []),
        (SearchFilter(until=NOW), []),
        (SearchFilter(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1)), [second, first]),
    ):
        assert sorted(numbers(agent, "диск", chosen=chosen)) == sorted(ticket.number for ticket in found), chosen


def test_pages_follow_each_other_without_gap_for_rare_and_common_words(agent):
    account = anna()
    tickets = [opened(facts=vouched(ANNA), subject=f"Почта {place}", text="не ходит") for place in range(45)]
    index.index_all()
    assert Account.objects.get(pk=account.pk).login == "annahost"
    for typed in ("почта", "annahost"):
        seen, after = [], ""
        while True:
            page = search(agent, typed, after=after, now=NOW)
            seen += [row.number for row in page.rows]
            after = page.next_cursor
            if not after:
                break
        assert sorted(seen) == sorted(ticket.number for ticket in tickets), typed


@pytest.mark.parametrize(
    "typed", ["", " ", "\0", "x" * 10_000, "а" * 10_000, "'; --", "\\", "'\\'' & !", "((((", "как и в", "😀"]
)
@pytest.mark.parametrize("after", ["", "%%%", "bnVsbA=="])
def test_whatever_is_typed_is_answered(agent, typed, after):
    opened()
    index.index_all()
    assert search(agent, typed, after=after, now=NOW).rows == ()


def test_words_that_stand_everywhere_are_said_to(agent):
    assert search(agent, "как и в", now=NOW).is_too_common


def test_queries_are_few_and_do_not_grow(agent, django_assert_max_num_queries):
    for place in range(30):
        opened(subject=f"Почта {place}")
    index.index_all()
    with django_assert_max_num_queries(6):
        assert len(search(agent, "почта", now=NOW).rows) == 20
