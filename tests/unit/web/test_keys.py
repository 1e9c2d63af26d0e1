"""One key does one thing, and the help and the palette name every key that a part of the page listens to."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KEYS = (ROOT / "static/js/keys.js").read_text(encoding="utf-8")
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "desk").rglob("*.html")}


def test_no_key_is_given_twice():
    given = Counter(re.findall(r"^      (\w+): \(\) =>", KEYS, re.MULTILINE))
    assert "KeyB" in given
    assert [key for key, times in given.items() if times > 1] == []


def test_each_key_of_a_part_is_pressed_by_the_script_and_named_in_the_help():
    marked = {key for page in TEMPLATES.values() for key in re.findall(r'data-key="(Key[A-Z])"', page)}
    assert marked
    for key in marked:
        assert f"{key}: () =>" in KEYS, key
        assert f"<kbd>{key[-1]}</kbd>" in TEMPLATES["keys_list.html"], key
