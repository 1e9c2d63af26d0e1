"""Every code the rules of an import can give has words; the codes are read from where they are born."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from customers import import_words

ROOT = Path(__file__).resolve().parent.parent.parent.parent / "customers"


def born(pattern, *paths):
    found = {code for path in paths for code in re.findall(pattern, (ROOT / path).read_text(), re.DOTALL)}
    assert found, pattern
    return found


PROBLEMS = (
    born(
        r'Problem\((?:"\w*"|field|name), "(\w+)"',
        "policies/cells.py",
        "policies/importing.py",
        "services/import_work.py",
    )
    | born(r'_Bad\("(\w+)"', "policies/cells.py")
    | born(r'_one_of\(\w+, "(\w+)"', "policies/cells.py")
    | born(r'fault="(\w+)"', "policies/csv_reading.py")
    | {"unreadable_letters", "control_characters"}
)
REFUSALS = (
    born(r'Refused\("(\w+)"', "services/importing.py")
    | born(r'NotCsv\("(\w+)"', "policies/csv_reading.py")
    | born(r'failure="(\w+)"', "services/import_work.py")
    | {"spreadsheet", "not_csv"}
)


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_a_problem_reads_in_both_languages(code):
    words = import_words.PROBLEMS[code]
    with override("ru"):
        assert all(re.search("[а-яё]", str(word)) for word in words)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_reads_in_both_languages(code):
    with override("ru"):
        assert re.search("[а-яё]", str(import_words.REFUSALS[code]))
