"""Changed automatic texts: the next letter says them, the journal knows who."""

import pytest

from events.models import Event
from tests.cast import ADMIN, ANNA, MALLORY, NOW, anna, desk, letter, origin, vouched
from tickets.models import Message
from tickets.policies.texts import Problem, TextName
from tickets.queries.texts import text_history
from tickets.services import texts
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk() -> None:
    desk()
    anna()


def reply() -> str:
    return Message.objects.filter(direction="out").latest("id").text


def change(name: TextName, text: str, language: str = "ru") -> Problem | None:
    return texts.change(name, language, text, by=ADMIN, now=NOW)


def test_a_stranger_reads_the_changed_text_without_his_words() -> None:
    assert change(TextName.AUTO_REPLY, "Ваш номер {number}.\n{ask}") is None
    assert change(TextName.ASK, "Кто вы?") is None
    receive(letter(sender=MALLORY, subject="Купите слона"), origin=origin(), now=NOW)
    assert reply().startswith("Ваш номер HD-")
    assert reply().endswith("\nКто вы?\n")
    assert "слона" not in reply()


def test_a_contact_reads_his_subject_and_markup_in_it_stays_text() -> None:
    change(TextName.AUTO_REPLY_PROVEN, "О «{subject}»: {number}")
    receive(letter(subject="<b>{number}</b>", facts=vouched(ANNA)), origin=origin(), now=NOW)
    assert "О «<b>{number}</b>»: HD-" in reply()
    assert "&lt;b&gt;{number}&lt;/b&gt;" in Message.objects.filter(direction="out").latest("id").html


def test_a_letter_without_a_subject_is_answered_by_the_text_without_one() -> None:
    receive(letter(subject="", facts=vouched(ANNA)), origin=origin(), now=NOW)
    assert "Её номер: HD-" in reply()
    assert " (МСК)." in reply()
    assert "«»" not in reply()


def test_back_to_the_default_says_the_default() -> None:
    change(TextName.AUTO_REPLY, "Номер {number}")
    assert texts.back_to_default(TextName.AUTO_REPLY, "ru", by=ADMIN, now=NOW)
    assert not texts.back_to_default(TextName.AUTO_REPLY, "ru", by=ADMIN, now=NOW)
    receive(letter(sender=MALLORY), origin=origin(), now=NOW)
    assert reply().startswith("Здравствуйте!")


def test_the_other_language_keeps_its_own() -> None:
    change(TextName.AUTO_REPLY, "Only {number}", "en")
    receive(letter(sender=MALLORY, language="ru"), origin=origin(), now=NOW)
    assert reply().startswith("Здравствуйте!")
    receive(letter(sender="john@elsewhere.example", language="en"), origin=origin(), now=NOW)
    assert reply().startswith("Only HD-")


def test_the_journal_has_every_change_and_none_that_is_none() -> None:
    assert change(TextName.SUMMARY, "Номера: {number}") == Problem("placeholder_not_here", "number")
    for text in ("Номера: {numbers}", "Номера: {numbers}\r\n", texts.default(TextName.SUMMARY, "ru")):
        assert change(TextName.SUMMARY, text) is None
    history = text_history("summary", "ru")
    assert [(each.actor, each.text) for each in history] == [(ADMIN.key, ""), (ADMIN.key, "Номера: {numbers}")]
    assert set(Event.objects.filter(type="AutomaticTextChanged").values_list("at", flat=True)) == {NOW}
