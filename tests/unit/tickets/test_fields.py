"""The desk's own fields: what fits into one, and which a ticket lacks."""

import pytest

from tickets.enums import FieldKind
from tickets.policies.fields import Answer, Choice, Field, missing, read

CHOICES = (Choice("1", "Да", "Yes"), Choice("2", "Нет", "No", is_offered=False))


@pytest.mark.parametrize(
    ("kind", "typed", "answer"),
    [
        ("text", "  two   words\x00 ", Answer("two words")),
        ("text", "я" * 500, Answer("я" * 500)),
        ("text", "я" * 501, Answer(refusal="long_text")),
        ("number", "1 234,50", Answer("1234.5")),
        ("number", "-007", Answer("-7")),
        ("number", "\u22120,0", Answer("0")),
        ("number", "+100", Answer("100")),
        ("number", "1.2.3", Answer(refusal="odd_number")),
        ("number", "1e9", Answer(refusal="odd_number")),
        ("number", "٣", Answer(refusal="odd_number")),
        ("number", "9" * 16, Answer(refusal="odd_number")),
        ("date", "2026-02-28", Answer("2026-02-28")),
        ("date", "8.3.2027", Answer("2027-03-08")),
        ("date", "2026-02-30", Answer(refusal="odd_date")),
        ("date", "tomorrow", Answer(refusal="odd_date")),
        ("choice", "1", Answer("1")),
        ("choice", "2", Answer(refusal="no_such_choice")),
        ("choice", "3", Answer(refusal="no_such_choice")),
        ("yes_no", "no", Answer("no")),
        ("yes_no", "perhaps", Answer(refusal="odd_answer")),
    ],
)
def test_what_was_typed_is_kept_in_one_form_or_refused(kind, typed, answer):
    assert read(Field(1, "Поле", "Field", FieldKind(kind), choices=CHOICES), typed) == answer


@pytest.mark.parametrize("kind", list(FieldKind))
def test_nothing_typed_is_no_value(kind):
    assert read(Field(1, "Поле", "Field", kind, choices=CHOICES), " \x00 ") == Answer()


@pytest.mark.parametrize(
    ("more", "values", "is_missing"),
    [
        ({}, {}, True),
        ({}, {"1": "x"}, False),
        ({"queues": ("hosting",)}, {}, True),
        ({"queues": ("domains",)}, {}, False),
        ({"is_active": False}, {}, False),
        ({"is_required": False}, {}, False),
    ],
)
def test_a_field_is_missing_where_it_is_asked_needed_and_empty(more, values, is_missing):
    field = Field(1, "Поле", "Field", FieldKind.TEXT, **({"is_required": True} | more))
    assert (missing([field], values, "hosting") == (field,)) is is_missing
