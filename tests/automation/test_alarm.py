"""What stands red for five minutes is told to the administrators by letter, once."""

from datetime import timedelta

import pytest

from automation import alarm
from automation.book_words import BOOKS
from events import bookkeeping, registry
from events.books import Seen
from events.models import Book, Delivery
from staff.models import StaffLetter
from tests.cast import NOW, actor, desk, person
from users.models import User

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def admin():
    desk()
    return actor("admin", "admin")


def red(*names: str, since=NOW) -> None:
    for name in names:
        Book.objects.update_or_create(name=name, defaults={"red_since": since, "count": 7, "checked_at": since})


def told(at) -> list[str]:
    before = StaffLetter.objects.count()
    alarm.send(at)
    return list(StaffLetter.objects.order_by("pk").values_list("text", flat=True)[before:])


def test_it_is_told_after_five_minutes_and_once(admin):
    red("mail_unread", "tickets_unanswered")
    assert told(NOW + 5 * MINUTE - timedelta(seconds=1)) == []
    (text,) = told(NOW + 5 * MINUTE)
    letter = StaffLetter.objects.get()
    assert (letter.staff_id, letter.subject) == (admin.staff_id, "С системой что-то не так")
    assert Delivery.objects.filter(key=str(letter.pk), state="pending").count() == 1
    for name in ("mail_unread", "tickets_unanswered"):
        assert name in text
    assert told(NOW + 600 * MINUTE) == []


def test_another_book_is_told_on_its_own():
    red("mail_unread")
    told(NOW + 5 * MINUTE)
    red("work_silent", since=NOW + 3 * MINUTE)
    (text,) = told(NOW + 8 * MINUTE)
    assert "work_silent" in text
    assert "mail_unread" not in text


@pytest.mark.parametrize(("again", "letters"), [(30, 0), (70, 1)])
def test_one_that_turned_green_and_red_again_is_told_again_after_an_hour(again, letters):
    red("mail_unread")
    told(NOW + 5 * MINUTE)
    Book.objects.update(red_since=None)
    assert told(NOW + 20 * MINUTE) == []
    red("mail_unread", since=NOW + again * MINUTE)
    assert len(told(NOW + (again + 5) * MINUTE)) == letters


def test_looking_into_the_books_again_does_not_forget_that_it_was_told():
    bookkeeping.record({"mail_unread": Seen(7, NOW - timedelta(hours=1))}, now=NOW)
    assert len(told(NOW + 5 * MINUTE)) == 1
    bookkeeping.record({"mail_unread": Seen(8, NOW - timedelta(hours=1))}, now=NOW + 6 * MINUTE)
    assert told(NOW + 7 * MINUTE) == []
    assert Book.objects.get().red_since == NOW


def test_every_administrator_who_may_sign_in_reads_it_in_his_language():
    other, gone = person("second", "admin"), person("third", "admin")
    person("lead", "lead")
    User.objects.filter(pk=other.user_id).update(language="en")
    User.objects.filter(pk=gone.user_id).update(is_active=False)
    red("mail_unread")
    russian, english = told(NOW + 5 * MINUTE)
    assert "самопроверка" in russian and "Почта" in russian
    assert "have not added up" in english and "Mail that was accepted" in english


def test_each_book_that_is_kept_has_words():
    assert set(registry.BOOKS) == set(BOOKS)
