"""The automatic texts: which placeholder where, what is refused and why, and how they are filled in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.policies.texts import (
    LANGUAGES,
    RULES,
    SENDERS_WORDS,
    Placeholder,
    Problem,
    TextName,
    filled,
    problem_of,
)

EMAIL = Path(__file__).parents[3] / "templates" / "email"
VALUES = dict.fromkeys(Placeholder, "x")


def test_every_text_has_a_rule() -> None:
    assert set(RULES) == set(TextName)


@pytest.mark.parametrize("name", [name for name in TextName if RULES[name].is_for_anybody])
def test_a_sender_who_has_proven_nothing_gets_nothing_of_his_words_back(name) -> None:
    assert not RULES[name].allowed & SENDERS_WORDS
    for placeholder in SENDERS_WORDS:
        text = " ".join(f"{{{each}}}" for each in RULES[name].needed)
        assert problem_of(name, f"{text}\n{{{placeholder}}}") == Problem("placeholder_not_here", placeholder)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TextName)
def test_the_default_is_a_text_without_problems(name, language) -> None:
    assert problem_of(name, (EMAIL / f"{name}.{language}.txt").read_text()) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("Number {number}", None, id="a good text"),
        pytest.param("Number {number}\r\nby {due} ({zone})", None, id="line ends of Windows"),
        pytest.param(" \r\n ", Problem("required"), id="nothing"),
        pytest.param("{number}" + "x" * 5000, Problem("too_long"), id="too long"),
        pytest.param("{number}\x00", Problem("control_characters"), id="a NUL"),
        pytest.param("{number} {login}", Problem("placeholder_unknown", "login"), id="an unknown placeholder"),
        pytest.param("{number} {numbers}", Problem("placeholder_not_here", "numbers"), id="one of another text"),
        pytest.param("{number} {subject}", Problem("placeholder_not_here", "subject"), id="the sender's words"),
        pytest.param("{number.__class__}", Problem("placeholder_unknown", "number.__class__"), id="an attribute"),
        pytest.param("{number!r:>9}", Problem("placeholder_unknown", "number!r:>9"), id="a format"),
        pytest.param("{ number }", Problem("placeholder_unknown", " number "), id="spaces inside"),
        pytest.param("{number} {{number}}", Problem("stray_brace"), id="two braces"),
        pytest.param("{number} {% load x %}", Problem("placeholder_unknown", "% load x %"), id="a template's tag"),
        pytest.param("{number} {", Problem("stray_brace"), id="a brace alone"),
        pytest.param("No number", Problem("placeholder_missing", "number"), id="no number"),
        pytest.param("{number} by {due}", Problem("placeholder_may_vanish", "number"), id="a number that may vanish"),
    ],
)
def test_a_text_is_refused_by_name(text, problem) -> None:
    assert problem_of(TextName.AUTO_REPLY, text) == problem


def test_a_line_that_has_nothing_to_say_is_left_out() -> None:
    text = "Hello\n\nNumber {number}.\n\nBy {due} ({zone}).\n\n{ask}"
    assert filled(text, VALUES | {Placeholder.DUE: "", Placeholder.ASK: ""}) == "Hello\n\nNumber x.\n"


@given(st.text())
def test_what_is_filled_in_is_never_read_as_a_text(value: str) -> None:
    assert filled("A {subject} b", VALUES | {Placeholder.SUBJECT: f"{{number}} {value}x"}).startswith("A {number} ")


@given(st.text())
def test_any_text_without_problems_can_be_filled_in(text: str) -> None:
    said = f"{text}\n{{number}}"
    if problem_of(TextName.AUTO_REPLY, said) is None:
        assert "x" in filled(said, VALUES)


@pytest.mark.parametrize(("language", "letter"), [("ru", "получили ваше письмо"), ("en", "received your letter")])
def test_what_was_asked_by_whatever_door_is_called_a_request(language, letter) -> None:
    """The panel, the form and the API are answered with the same words as mail."""
    for name in (TextName.AUTO_REPLY, TextName.AUTO_REPLY_PROVEN):
        assert letter not in (EMAIL / f"{name}.{language}.txt").read_text()
