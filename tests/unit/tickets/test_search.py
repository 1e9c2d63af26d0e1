"""What a search may mean: whatever is typed is understood, and nothing that is typed breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.numbers import number_for, pretty
from tickets.policies.search import Stem, Term, Word, in_other_layout, marks, read, snippet, understand, unknown

N = number_for(7, key=b"k" * 32)
HELLO, HOSTING = Word("ghbdtn", "привет"), Word("[jcnbyu", "хостинг")


@pytest.mark.parametrize("typed", [N, pretty(N), f"[{pretty(N)}]", f"hd {N[:3]} {N[3:6]} {N[6:]}", f"№{N}", f" #{N} "])
def test_a_number_is_understood_in_any_writing(typed):
    assert understand(typed).number == N


def test_a_mistyped_number_is_told_as_such():
    wrong = N[:-1] + str((int(N[-1]) + 1) % 10)
    asked = understand(wrong)
    assert (asked.number, asked.is_number_wrong) == ("", True)


@pytest.mark.parametrize("typed", ["+7 (495) 123-45-67", "8 495 1234567", "84951234567", "123-45-67"])
def test_a_telephone_number_is_understood_in_any_writing(typed):
    assert understand(typed).phone == typed


def test_addresses_domains_and_codes_are_told_apart():
    asked = understand("Anna@Hosting-Client.example annashop.example почта.рф H-100001")
    assert asked.emails == ("anna@hosting-client.example",)
    assert asked.domains == ("annashop.example", "почта.рф")
    assert "H-100001" in asked.codes


@pytest.mark.parametrize("typed", ["", "  ", "\0", "'\"«»", "& | ! ( ) : *", "-- -- --", "…—?!"])
def test_punctuation_alone_asks_for_nothing(typed):
    assert not [word for word in understand(typed).words if word.own]


def test_ten_kilobytes_are_cut_and_said_to_be():
    asked = understand("пароль " * 1500)
    assert asked.is_cut
    assert len(asked.text) <= 200
    assert asked.words == (Word("пароль", "gfhjkm"),)


@given(st.text(max_size=400))
def test_no_text_breaks_it(typed):
    asked = understand(typed)
    assert len(asked.words) <= 8
    assert "\0" not in asked.text
    assert "".join(piece for piece, _ in marks(typed, ["a", "привет"])) == typed
    snippet(typed, ["a"])


@given(st.text(alphabet="qwertyuiopasdfghjklzxcvbnm[];',.`", min_size=1, max_size=30))
def test_the_other_layout_and_back_is_the_same_but_for_yo(typed):
    assert in_other_layout(in_other_layout(typed)).replace("t", "`") == typed.replace("t", "`")


STEMS = {
    stem: (Stem(stem, texts),) for stem, texts in {"привет": 5, "ghbdtn": 0, "jcnbyu": 0, "хостинг": 9}.items()
} | {"[jcnbyu": (Stem("jcnbyu", 0),)}


@pytest.mark.parametrize(
    ("word", "stems", "longer", "alike", "found", "is_told"),
    [
        pytest.param(Word("привет", "ghbdtn"), STEMS, {}, {}, Term("привет", 5), False, id="a word that occurs"),
        pytest.param(HELLO, STEMS, {}, {}, Term("привет", 5), True, id="the wrong layout"),
        pytest.param(HOSTING, STEMS, {}, {}, Term("хостинг", 9), True, id="the wrong layout with signs"),
        pytest.param(
            Word("хост"), {"хост": (Stem("хост", 0),)}, {"хост": 9}, {}, Term("хост", 9, True), False, id="a beginning"
        ),
        pytest.param(
            Word("хостнг"), {"хостнг": (Stem("хостнг", 0),)}, {}, {"хостнг": Stem("хостинг", 9)},
            Term("хостинг", 9), True, id="a typo",
        ),
        pytest.param(
            Word("0x80070005"), {"0x80070005": (Stem("0x80070005", None),)}, {}, {}, Term("0x80070005"), False,
            id="a code nobody counts",
        ),
        pytest.param(
            Word("нигде"), {"нигде": (Stem("нигде", 0),)}, {}, {}, Term("нигде"), False, id="a word that occurs nowhere"
        ),
    ],
)  # fmt: skip
def test_a_word_is_read_as_the_first_that_occurs(word, stems, longer, alike, found, is_told):
    reading = read([word], stems=stems, longer=longer, alike=alike)
    assert reading.terms == (found,)
    assert bool(reading.instead) == is_told


def test_a_stop_word_asks_for_nothing_beside_others():
    reading = read([Word("как"), Word("привет")], stems=STEMS, longer={}, alike={})
    assert reading.terms == (Term("привет", 5),)


def test_only_stems_that_occur_nowhere_are_looked_up_further():
    assert unknown([HELLO, Word("привет")], STEMS) == ["ghbdtn"]


def test_what_was_found_is_marked_in_any_form():
    assert marks("Ёлка на хостинге", ["хостинг", "елк"]) == [("Ёлка", True), (" на ", False), ("хостинге", True)]


def test_a_snippet_stands_around_what_was_found():
    text = "начало " * 60 + "сертификат истёк " + "конец " * 60
    assert "сертификат истёк" in snippet(text, ["сертификат"])
    assert snippet("коротко", ["нет"]) == "коротко"
