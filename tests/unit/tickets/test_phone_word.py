"""What may be said of a ticket to whoever calls and names its number."""

from datetime import UTC, datetime

import pytest

from tickets.enums import NumberSource, Status
from tickets.policies.phone_word import Word, word_for
from tickets.policies.plain_state import PlainState

HIS, OTHER = "+79215550138", "+79215550139"
SOON = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
SHOWN, SAID = NumberSource.SHOWN, NumberSource.SAID


@pytest.mark.parametrize(
    ("calling", "source", "numbers", "status", "due_at", "word"),
    [
        pytest.param(
            HIS, SHOWN, {HIS}, Status.OPEN, SOON, Word(state=PlainState.WORKING, answer_by=SOON),
            id="the number of the ticket calls: the state and the next promised time",
        ),
        pytest.param(
            HIS, SHOWN, {OTHER, HIS}, Status.NEW, None, Word(state=PlainState.WORKING),
            id="nothing is promised: the state alone",
        ),
        pytest.param(
            HIS, SHOWN, {HIS}, Status.WAITING_CUSTOMER, SOON, Word(state=PlainState.YOURS),
            id="it waits for him: no time of ours is promised",
        ),
        pytest.param(HIS, SHOWN, {HIS}, Status.CLOSED, SOON, Word(state=PlainState.DONE), id="it is done"),
        pytest.param(OTHER, SHOWN, {HIS}, Status.OPEN, SOON, Word("other_number"), id="another number calls: nothing"),
        pytest.param(HIS, SHOWN, set(), Status.OPEN, SOON, Word("other_number"), id="the ticket has none: nothing"),
        pytest.param("", SHOWN, {HIS}, Status.OPEN, SOON, Word("no_number"), id="no number is shown: nothing"),
        pytest.param("", SHOWN, {""}, Status.OPEN, SOON, Word("no_number"), id="nothing is like nothing: nothing"),
        pytest.param(HIS, SAID, {HIS}, Status.OPEN, SOON, Word("only_said"), id="the right number, only said: nothing"),
    ],
)  # fmt: skip
def test_what_a_caller_hears(calling, source, numbers, status, due_at, word):
    assert word_for(calling, source, numbers=numbers, status=status, due_at=due_at) == word
