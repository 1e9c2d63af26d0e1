"""`manage.py counters rebuild`: what it finds, what it mends, and that it leaves a good desk as it is."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.cast import NOW, desk, letter, origin
from tickets.models import Counter, CounterDelta
from tickets.services import counters
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_tickets():
    desk()
    for n in range(3):
        receive(letter(message_id=f"{n}@x"), origin=origin(f"raw-{n}"), now=NOW)


def rebuilt(capsys) -> list[str]:
    call_command("counters", "rebuild")
    return capsys.readouterr().out.splitlines()


def totals() -> dict[str, int]:
    return dict(Counter.objects.values_list("key", "total"))


def test_a_good_desk_stays_as_it_is_folded_or_not(capsys):
    assert CounterDelta.objects.exists()
    assert rebuilt(capsys) == ["every counter was right"]
    assert not CounterDelta.objects.exists()
    before = totals()
    assert before["open"] == 3
    counters.fold(NOW)
    assert rebuilt(capsys) == ["every counter was right"]
    assert totals() == before


def test_what_was_wrong_is_named_and_right_again(capsys):
    counters.fold(NOW)
    before = totals()
    Counter.objects.filter(key="open").update(total=8)
    Counter.objects.filter(key="nobody").delete()
    Counter.objects.create(key="assignee:999", total=-2)
    assert rebuilt(capsys) == [
        "assignee:999: -2, now 0", "nobody: 0, now 3", "open: 8, now 3", "3 counters were wrong",
    ]  # fmt: skip
    assert totals() == before


def test_another_word_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("counters", "delete")
