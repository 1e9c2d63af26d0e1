"""Who is called by an @ in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.policies.mentions import handle_of, handles, mentions

PEOPLE = {
    1: ("Ольга Иванова", "olga"),
    2: ("Ольга Семёнова", "olga.s"),
    3: ("Пётр Иванов", ""),
    4: ("Max", "max"),
    5: ("Max", "max2"),
}
CALLED = handles(PEOPLE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("@Ольга Иванова, посмотри", [("@Ольга Иванова", {1})], id="whole name"),
        pytest.param("(@ольга  семенова)", [("@ольга", {1, 2})], id="two spaces end a name that two bear"),
        pytest.param("см. @ОЛЬГА СЕМЕНОВА.", [("@ОЛЬГА СЕМЕНОВА", {2})], id="capitals, ё as е, a full stop"),
        pytest.param("@Пётр и @Иванова", [("@Пётр", {3}), ("@Иванова", {1})], id="one word that one person bears"),
        pytest.param("@olga @olga.s @max2", [("@olga", {1}), ("@olga.s", {2}), ("@max2", {5})], id="logins"),
        pytest.param("@Max", [("@Max", {4})], id="a login that is another's name"),
        pytest.param("@Пётр\xa0Иванов", [("@Пётр\xa0Иванов", {3})], id="a space that does not break"),
        pytest.param("olga@olga.example a@max", [], id="addresses"),
        pytest.param("@Ольгами @olgas @olga.example @ Max @@", [], id="longer words, a bare sign"),
        pytest.param("@media @property", [], id="nobody's name"),
    ],
)
def test_names_behind_a_sign_call_those_who_bear_them(text: str, found: list[tuple[str, set[int]]]):
    assert [(text[each.start : each.end], set(each.staff_ids)) for each in mentions(text, CALLED)] == found


@pytest.mark.parametrize(("staff_id", "handle"), [(1, "Ольга Иванова"), (3, "Пётр Иванов"), (4, "Max"), (5, "max2")])
def test_what_is_offered_calls_this_person_and_nobody_else(staff_id: int, handle: str):
    assert handle_of(staff_id, *PEOPLE[staff_id], CALLED) == handle
    assert [each.staff_ids for each in mentions(f"@{handle} ", CALLED)] == [{staff_id}]


@given(st.text(alphabet="@olga. ёЁİßМаx-\n\xa0"))
def test_places_lie_in_the_text_and_do_not_overlap(text: str):
    at = 0
    for each in mentions(text, CALLED):
        assert at <= each.start < each.end <= len(text)
        assert text[each.start] == "@"
        at = each.end
