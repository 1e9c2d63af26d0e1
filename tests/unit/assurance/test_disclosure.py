"""What a letter gives away, as sentences: in any writing, at which level, and what is no news to its reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurance.policies.disclosure import KINDS, Guarded, disclosed
from core.trust import Level

ON_FILE = (
    Guarded("login", "annahost"),
    Guarded("contracts", "H-100001"),
    Guarded("tax_number", "7707083893"),
    Guarded("administrative_address", "owner@hosting-client.example"),
    Guarded("contacts", "anna@xn--e1afmkfd.xn--p1ai"),
    Guarded("contacts", "+74951234567"),
)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Your login is AnnaHost.", ("login",)),
        ("Contract h-100001, login annahost", ("login", "contracts")),
        ("ИНН 7707083893", ("tax_number",)),
        ("ИНН 77 0708 3893", ("tax_number",)),
        ("We wrote to <Owner@Hosting-Client.example>.", ("administrative_address",)),
        ("Напишите на anna@пример.рф!", ("contacts",)),
        ("Перезвоним на 8 (495) 123-45-67 завтра", ("contacts",)),
        ("tel +7 495 1234567", ("contacts",)),
        ("annahosting and H-1000012 are others", ()),
        ("8 (495) 123-45-68", ()),
        ("owner@hosting-client.example.org", ()),
        ("Сайт работает", ()),
        ("", ()),
    ],
)
def test_a_value_is_found_in_any_writing_and_nothing_beside_it(text, fields):
    assert disclosed(text, ON_FILE, level=Level.CLAIMED) == fields


@pytest.mark.parametrize(
    ("level", "fields"),
    [
        (Level.CONTRADICTED, ("login", "tax_number")),
        (Level.VOUCHED, ("login", "tax_number")),
        (Level.RECOGNISED, ("tax_number",)),
        (Level.AUTHORISED, ()),
    ],
)
def test_a_level_opens_what_the_card_opens(level, fields):
    assert disclosed("annahost 7707083893", ON_FILE, level=level) == fields


def test_his_own_words_and_his_own_address_are_no_news_to_a_reader():
    said = "Contract H-100001, call 8 495 123-45-67"
    assert disclosed(said, ON_FILE, level=Level.CLAIMED, own_words="my contract is H-100001") == ("contacts",)
    known = ["anna@xn--e1afmkfd.xn--p1ai"]
    assert disclosed("anna@пример.рф", ON_FILE, level=Level.CLAIMED, known=known) == ()


def test_a_login_of_three_letters_is_a_word_of_the_language():
    assert disclosed("web", [Guarded("login", "web")], level=Level.CLAIMED) == ()


@given(st.text(), st.sampled_from(list(Level)))
def test_any_text_is_judged_and_a_higher_level_opens_no_less(text, level):
    found = disclosed(text, ON_FILE, level=level)
    assert set(found) <= set(KINDS)
    assert all(set(disclosed(text, ON_FILE, level=higher)) <= set(found) for higher in Level if higher > level)
