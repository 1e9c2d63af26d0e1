"""Lines of the log: what they hold, what they leave out, and how many come."""

import json
import logging

import pytest

from ops.logs import Bounded, JsonFormatter, Repeats, Terminal, TextFormatter, as_json


def record(message: str, *args: object, level: int = logging.WARNING, error: BaseException | None = None):
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("events.relay", level, "x.py", 1, message, args, info)


def test_a_line_of_json_has_its_fixed_fields_and_those_of_its_words():
    told = json.loads(JsonFormatter().format(record("mail=%s raw=%s ticket=%s", "opened", "0af1", "123456789")))
    assert told.pop("ts").endswith("+00:00")
    assert told == {
        "level": "warning", "process": "command", "event": "mail=opened raw=0af1 ticket=123456789",
        "logger": "events.relay", "mail": "opened", "raw": "0af1", "ticket": "123456789",
    }  # fmt: skip


def test_words_cannot_change_the_fixed_fields():
    told = json.loads(as_json("relay", 'level=critical process=x event=y\n"'))
    assert (told["level"], told["process"]) == ("info", "relay")


class SomebodysWords(Exception):
    pass


SECRET = "Key (email)=(anna@example.com) exists"


def broken() -> Exception:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as cause:
            raise SomebodysWords(SECRET) from cause
    except SomebodysWords as error:
        return error


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_an_exception_is_told_by_kind_and_place_without_its_words(formatter):
    line = formatter.format(record("raw=1 could not be filed", error=broken()))
    assert "builtins.ValueError" in line
    assert "SomebodysWords" in line
    assert "test_logs.py" in line
    assert "anna@" not in line


def test_the_words_of_the_system_stay():
    assert "No space left on device" in TextFormatter().format(
        record("x", error=OSError(28, "No space left on device"))
    )


def test_a_warning_is_said_ten_times_a_minute_and_then_how_often_it_was_not():
    repeats = Repeats()
    assert [repeats.admit("full", float(second)) for second in range(12)] == [0] * 10 + [None] * 2
    assert repeats.admit("another", 12.0) == 0
    assert repeats.admit("full", 60.0) == 2
    assert repeats.admit("full", 61.0) == 0


def test_memory_of_what_was_said_is_bounded():
    repeats = Repeats()
    for number in range(3 * Repeats.KINDS):
        repeats.admit(number, 0.0)
    assert len(repeats.said) <= Repeats.KINDS


def test_one_kind_of_warning_is_held_back_whatever_it_names_and_what_is_normal_is_not():
    bounded = Bounded()
    assert sum(bounded.filter(record("raw=%s postponed", number)) for number in range(100)) == 10
    assert all(bounded.filter(record("mail=%s", number, level=logging.INFO)) for number in range(100))


def test_a_terminal_for_programs_wraps_what_is_no_json_yet(capsys):
    terminal = Terminal(is_json=True)
    terminal.say("could not write to file", "postgres")
    terminal.say(as_json("relay", "broker=back"), "relay")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["process"], first["event"]) == ("postgres", "could not write to file")
    assert (second["process"], second["broker"]) == ("relay", "back")
