"""Mallory at the status page: he knows a number and an address, and must get nothing."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from channels_app import visits
from channels_app.models import Visit
from core.clock import now as read_clock
from tests import visitors
from tests.cast import ANNA, MALLORY
from tests.channels_app.conftest import loop, sink  # noqa: F401 - the fixtures
from tests.visitors import FORM, STATUS, code_in, form, mails, stamped, visitor
from tests.web.conftest import _desk  # noqa: F401 - the fixtures
from tickets.models import Message, Ticket
from tickets.numbers import check_digit, pretty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _door(_desk) -> None:  # noqa: F811
    visitors.door()


@pytest.fixture
def letters(sink, settings, tmp_path):  # noqa: F811
    return lambda: mails(sink[0], settings, sink[1], tmp_path)


@pytest.fixture
def annas(letters) -> Ticket:
    visitor(network="198.51.100.1").post(FORM, form(email=ANNA))
    letters()
    return Ticket.objects.get()


def asks(client, number: str, email: str):
    return client.post(STATUS, {"number": number, "email": email})


def no_such(ticket: Ticket) -> str:
    digits = f"{(int(ticket.number[:8]) + 1) % 10**8:08d}"
    return digits + check_digit(digits)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_number_and_the_address_alone_open_nothing(annas, letters):
    mallory = visitor()
    page = asks(mallory, annas.number, ANNA)["Location"]
    shown = mallory.get(page).content.decode()
    assert annas.subject not in shown
    assert mallory.post(f"{page}answers/", {"stamp": stamped(), "text": "Let me in"})["Location"] == STATUS
    assert Message.objects.filter(direction="in").count() == 1


def test_five_tries_are_all_there_are_and_the_right_code_is_then_void(annas, letters):
    mallory = visitor()
    page = asks(mallory, annas.number, ANNA)["Location"]
    code = code_in(letters())
    for _ in range(visits.MOST_TRIES):
        assert mallory.post(f"{page}code/", {"code": wrong(code)}).status_code == 422
    assert mallory.post(f"{page}code/", {"code": code}).status_code == 422
    assert annas.subject not in mallory.get(page).content.decode()


def test_tries_in_parallel_are_counted_one_by_one(annas, letters):
    asks(visitor(), annas.number, ANNA)
    code, visit = code_in(letters()), Visit.objects.get()
    together = threading.Barrier(12)

    def tries() -> None:
        together.wait(30)
        visits.enter(visit.public_id, wrong(code), now=read_clock())
        connections.close_all()

    threads = [threading.Thread(target=tries) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    visit.refresh_from_db()
    assert visit.tries == visits.MOST_TRIES


def test_a_code_raced_from_two_places_opens_once(annas, letters):
    asks(visitor(), annas.number, ANNA)
    code, visit, won = code_in(letters()), Visit.objects.get(), []

    def enters() -> None:
        won.append(visits.enter(visit.public_id, code, now=read_clock()))
        connections.close_all()

    threads = [threading.Thread(target=enters) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(won) == [False, False, False, True]


def test_new_codes_do_not_give_new_tries_for_ever(annas):
    """A fresh network for each visit, and still the ticket counts."""
    refused = 0
    for turn in range(8):
        mallory = visitor(network=f"203.0.113.{turn}")
        if (answer := asks(mallory, annas.number, ANNA)).status_code == 429:
            refused += 1
            continue
        for _ in range(5):
            mallory.post(f"{answer['Location']}code/", {"code": "000000"})
    assert refused == 3  # five codes an hour to one address, whoever asks
    assert sum(Visit.objects.values_list("tries", flat=True)) <= 25


def test_a_code_of_one_browser_is_worth_nothing_in_another(annas, letters):
    asks(visitor(), annas.number, ANNA)
    code = code_in(letters())
    mallory = visitor()
    his = asks(mallory, annas.number, ANNA)["Location"]
    hers = f"{STATUS}{Visit.objects.order_by('id').first().public_id}/"
    assert mallory.post(f"{his}code/", {"code": code}).status_code == 422
    assert mallory.post(f"{hers}code/", {"code": code})["Location"] == STATUS
    assert mallory.get(hers)["Location"] == STATUS


def test_a_code_of_one_ticket_does_not_open_another(annas, letters):
    mallory = visitor()
    mallory.post(FORM, form())
    own = Ticket.objects.get(requester_email=MALLORY)
    asks(mallory, own.number, MALLORY)
    code = code_in(letters())
    hers = asks(mallory, annas.number, ANNA)["Location"]
    letters()
    assert mallory.post(f"{hers}code/", {"code": code}).status_code == 422


def test_only_a_digest_of_the_code_is_kept(annas, letters):
    asks(visitor(), annas.number, ANNA)
    code = code_in(letters())
    with connection.cursor() as cursor:
        cursor.execute("SELECT v::text FROM channels_app_visit v UNION ALL SELECT data::text FROM events_eventpayload")
        assert not [row for (row,) in cursor.fetchall() if code in row]


def test_guessing_numbers_shows_one_answer_made_by_the_same_statements(annas):
    """Whether ticket, address or both exist: the page says the same and asks the database the same."""
    pages, statements = set(), set()
    cases = [(annas.number, ANNA), (annas.number, MALLORY), (no_such(annas), ANNA), (no_such(annas), MALLORY)]
    for number, email in cases:
        client = visitor()
        client.get(STATUS)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = asks(client, number, email)
        page = client.get(answer["Location"]).content.decode()
        for own in (pretty(number), email, answer["Location"]):
            page = page.replace(own, "")
        csrf = client.cookies["csrf"].value
        pages.add((answer.status_code, len(page.replace(csrf, ""))))
        statements.add(len(queries))
    assert len(pages) == len(statements) == 1


def test_a_wrong_code_is_told_the_same_whether_there_is_a_ticket_or_none(annas, letters):
    told = set()
    for number, email in ((annas.number, ANNA), (annas.number, MALLORY), (no_such(annas), ANNA)):
        client = visitor()
        page = asks(client, number, email)["Location"]
        answer = client.post(f"{page}code/", {"code": "12345x"})
        told.add((answer.status_code, "does not fit or has run out" in answer.content.decode()))
    assert told == {(422, True)}


@pytest.mark.parametrize("hidden", [{"is_spam": True}, {"kind": "restricted"}], ids=["spam", "restricted"])
def test_spam_and_restricted_tickets_do_not_exist_here(annas, letters, hidden):
    Ticket.objects.update(**hidden)
    asks(visitor(), annas.number, ANNA)
    before = len(letters())
    assert before == 1  # the letter with the number, and no code


def test_a_ticket_that_became_restricted_is_gone_from_an_open_page(annas, letters):
    client = visitor()
    page = asks(client, annas.number, ANNA)["Location"]
    client.post(f"{page}code/", {"code": code_in(letters())})
    assert annas.subject in client.get(page).content.decode()
    Ticket.objects.update(kind="restricted")
    assert client.get(page).status_code == 404
    assert client.post(f"{page}answers/", {"stamp": stamped(), "text": "More"}).status_code == 404


def test_thousands_of_guesses_from_one_network_are_stopped(annas):
    mallory = visitor()
    answers = [asks(mallory, annas.number, f"guess{n}@elsewhere.example").status_code for n in range(22)]
    assert answers == [302] * 20 + [429] * 2


def test_codes_are_no_mail_bomb(annas, letters):
    before = len(letters())
    for turn in range(12):
        asks(visitor(network=f"203.0.113.{turn}"), annas.number, ANNA)
    assert len(letters()) - before == 5


def test_a_visit_ends_by_itself(annas, letters):
    client = visitor()
    page = asks(client, annas.number, ANNA)["Location"]
    client.post(f"{page}code/", {"code": code_in(letters())})
    Visit.objects.update(opened_at=read_clock() - visits.VISIT_LASTS - timedelta(seconds=1))
    assert client.get(page)["Location"] == STATUS
    assert client.post(f"{page}answers/", {"stamp": stamped(), "text": "More"})["Location"] == STATUS
