"""The catalogue of critical actions: more than built in, never less."""

import pytest

from assurance.models import ActionKind
from automation.choices import Told
from automation.policies import Way
from events.models import Event
from tests.web.conftest import person, shows, signed_in

PAGE = "/setup/actions/"
REFUND = {
    "name_ru": "Вернуть деньги",
    "name_en": "Refund",
    "words_ru": "Вернуть {amount} на {where}, аккаунт {account}.",
    "words_en": "Refund {amount} to {where}, account {account}.",
    "level": "5",
    "hold_hours": "12",
    "needs_second_person": "on",
    "is_active": "on",
}


@pytest.fixture
def admin():
    return signed_in(person("root", "admin"))


def test_a_line_may_demand_more(admin):
    shows(admin.get(PAGE), "Refund", "Change the owner")
    renamed = REFUND | {"name_en": "Money back"}
    shows(admin.post(f"{PAGE}refund/", renamed, follow=True), "Saved.", "12 hours", "Money back")
    kind = ActionKind.objects.get(code="refund")
    assert (kind.level, kind.hold_hours, kind.words_en) == (5, 12, REFUND["words_en"])
    assert Event.objects.filter(type="ActionKindSetUp").count() == 1


@pytest.mark.parametrize(
    ("code", "wrong", "words"),
    [
        ("refund", {"level": "3"}, "Less than the desk allows"),
        ("refund", {"level": "6"}, "Less than the desk allows"),
        ("refund", {"hold_hours": "-1"}, "Write the hours as a number"),
        ("refund", {"hold_hours": "two days"}, "Write the hours as a number"),
        ("refund", {"hold_hours": "721"}, "Thirty days at most"),
        ("refund", {"needs_second_person": None}, "Less than the desk allows"),
        ("refund", {"name_ru": " "}, "Write a name"),
        ("refund", {"words_ru": ""}, "Write what the customer confirms"),
        ("refund", {"words_ru": "Вернуть {amount} на {where} {secret}"}, "not known here"),
        ("refund", {"words_en": "Refund {amount}"}, "must stand in the words"),
        ("confirm_request", {"is_active": None, "words_ru": "{number}", "words_en": "{number}"}, "cannot do without"),
    ],
)
def test_less_is_refused_by_the_field_and_what_was_typed_stays(admin, code, wrong, words):
    form = {name: value for name, value in (REFUND | wrong).items() if value is not None}
    if code == "confirm_request":
        form |= {"words_ru": "{number}", "words_en": "{number}"}
    answer = admin.post(f"{PAGE}{code}/", form)
    assert answer.status_code == 400
    shows(answer, words, f'value="{form["hold_hours"]}"')
    assert not Event.objects.filter(type="ActionKindSetUp").exists()


def test_nobody_else_keeps_the_catalogue():
    for role in ("agent", "lead", "quality"):
        client = signed_in(person(f"a-{role}", role, "first-line"))
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}refund/", REFUND).status_code == 403


def test_an_unknown_line_is_not_there(admin):
    assert admin.get(f"{PAGE}format_everything/").status_code == 404


def test_it_reads_in_russian():
    admin = signed_in(person("root2", "admin"), language="ru")
    shows(admin.get(PAGE), "Вернуть деньги", "Критические действия")
    shows(admin.get(f"{PAGE}delete_data/"), "Слова, по-русски", "{what}")


def test_an_alarm_is_nobodys_choice(admin):
    assert Told(ways={"alarm": Way.NONE}).way("alarm") is Way.MAIL
    lead = signed_in(person("lead", "lead", "first-line"))
    assert "way_alarm" not in lead.get("/desk/me/").content.decode()
