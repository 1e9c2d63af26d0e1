"""An accent is refused when it could not be read, and what is made from it can be read everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import colours
from core.colours import contrast, is_allowed, nearest_allowed, normal, shades

ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("typed", "colour"),
    [
        ("#2150D0", "#2150d0"),
        (" 2150d0 ", "#2150d0"),
        ("#abc", "#aabbcc"),
        ("", None),
        ("#12345", None),
        ("red", None),
        ("#2150d0;}", None),
        ("#gggggg", None),
    ],
)
def test_how_a_colour_is_typed(typed, colour):
    assert normal(typed) == colour


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#ffffff", "#000000", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),  # the known edge of WCAG
        ("#ffffff", "#777777", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_as_wcag_counts_it(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(
    ("accent", "allowed"),
    [
        ("#2150d0", True),
        ("#000000", True),
        ("#0a656e", True),
        ("#ffcc00", False),
        ("#777777", False),
        ("#ff0000", False),
    ],
)
def test_which_accents_are_allowed(accent, allowed):
    assert is_allowed(accent) is allowed


@given(ANY)
def test_what_is_offered_is_allowed_and_no_darker_than_it_must_be(accent):
    offered = nearest_allowed(accent)
    assert is_allowed(offered)
    assert (offered == accent) == is_allowed(accent)


@given(ANY)
def test_every_shade_of_an_allowed_accent_is_read(accent):
    light, dark = shades(nearest_allowed(accent))
    for theme, grounds, inks in (
        (light, ("#ffffff", "#f4f2ed", "#faf9f6", colours.LIGHT), ("#1b1d20", "#606269")),
        (dark, ("#121316", "#1a1c20", "#202227", colours.DARK), ("#ececea", "#9fa1a9")),
    ):
        for fill in (theme.fill, theme.fill_hover):
            assert contrast("#ffffff", fill) >= colours.TEXT
        for ground in (*grounds, theme.soft):
            assert contrast(theme.text, ground) >= colours.TEXT
        for ink in inks:  # words of the page on the soft ground
            assert contrast(ink, theme.soft) >= colours.TEXT
        assert contrast(theme.fill, grounds[1]) >= colours.EDGE
