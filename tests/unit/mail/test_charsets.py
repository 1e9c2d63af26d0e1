import pytest

from channels_app.mail import charsets, words
from tests.fixtures.mail.charsets import BODIES, SUBJECTS
from tests.unit.mail.reading import assert_storable, read


@pytest.mark.parametrize("name", BODIES)
def test_body_is_read_whatever_its_label(name):
    raw, text = BODIES[name]
    message = read(raw)
    assert message.text == text
    assert_storable(message)


@pytest.mark.parametrize("name", SUBJECTS)
def test_subject_is_decoded(name):
    raw, subject = SUBJECTS[name]
    assert read(raw).subject == subject


def test_repaired_charset_is_remarked():
    assert "unknown_charset" in read(BODIES["charset_that_does_not_exist"][0]).remarks
    assert "wrong_charset" in read(BODIES["ascii_label_but_utf_8"][0]).remarks
    assert "nul_bytes" in read(BODIES["nul_bytes"][0]).remarks


def test_hole_in_utf_8_does_not_turn_the_rest_into_another_charset():
    text, remark = charsets.decode("Здравствуйте, сервер".encode()[:-1], "utf-8")
    assert text.startswith("Здравствуйте, серве")
    assert remark == "damaged_text"


@pytest.mark.parametrize("content", [b"\xff" * 50, bytes(range(256)), b"\x81\x8d\x8f", b"\xd0" * 7, b"\x1b$B\x7f\x7f"])
@pytest.mark.parametrize(
    "label",
    ["", "utf-8", "iso-2022-jp", "utf-7", "utf-16", "big5", "hz-gb-2312", "nonsense", "base64", "rot13", "idna"],
)
def test_no_bytes_under_any_label_raise_or_leave_what_postgresql_refuses(content, label):
    text, _ = charsets.decode(content, label)
    assert "\0" not in text
    text.encode("utf-8")
    assert "\ufffd" not in words.readable(content)


def test_thousands_of_open_encoded_words_take_linear_time():
    assert words.decode_words("=?utf-8?q?" * 20_000)
    assert words.decode_words("=?a?q?x?" * 20_000)
