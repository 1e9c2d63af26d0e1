"""Hostile and very large letters: bounded time, a result or a refusal by name."""

import time

import pytest

from channels_app.mail.limits import MAX_DEPTH, Unparseable
from tests.fixtures.mail.build import headed, plain
from tests.fixtures.mail.structures import _nested_multiparts
from tests.unit.mail.reading import assert_storable, read


def _parts(number: int) -> bytes:
    return headed(
        "Subject: Parts\nContent-Type: multipart/mixed; boundary=zz",
        b"--zz\r\nContent-Type: application/pdf\r\n\r\nx\r\n" * number + b"--zz--\r\n",
    )


def _seconds(raw: bytes) -> float:
    begin = time.thread_time()
    try:
        assert_storable(read(raw))
    except Unparseable:
        pass
    return time.thread_time() - begin


def test_thousand_parts_are_a_thousand_files():
    message = read(_parts(1_000))
    assert len(message.attachments) == 1_000
    assert len({file.filename for file in message.attachments}) == 1_000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (headed("Content-Type: multipart/mixed; boundary=z", b"--z\r\n" * 100_000), "too_many_parts"),
        (_nested_multiparts(MAX_DEPTH + 1), "too_deep"),
        (_nested_multiparts(1_500), "too_deep"),
        (b"Subject: " + b"x" * 5_000_000 + b"\r\n\r\nBody", "header_too_large"),
        (b"X" * 65 * 1024 * 1024, "too_large"),
    ],
    ids=["parts", "depth", "great depth", "header", "size"],
)
def test_refusal_names_its_reason_and_is_quick(raw, reason):
    begin = time.thread_time()
    with pytest.raises(Unparseable) as refusal:
        read(raw)
    assert refusal.value.reason_code == reason
    assert time.thread_time() - begin < 20


def test_ten_thousand_recipients_are_counted():
    to = ",\r\n ".join(f"Person {n} <p{n}@x.example>" for n in range(10_000))
    message = read(plain().replace(b"To: support@example.com", b"To: " + to.encode()))
    assert (len(message.to), message.recipients_left_out) == (100, 9_900)


def test_one_line_of_thirty_megabytes_is_cut_for_display_and_attached_whole():
    message = read(plain("", "x" * 30_000_000))
    assert len(message.text) == 1_000_000
    (whole,) = message.attachments
    assert (len(whole.content), whole.note) == (30_000_002, "long_text")
    assert "long_text_cut" in message.remarks


HOSTILE = {
    "many base64 lines with stray characters": headed(
        "Content-Type: image/png\nContent-Transfer-Encoding: base64", b"QUJD!=\r\n" * 1_000_000
    ),
    "base64 of one line": headed("Content-Type: image/png\nContent-Transfer-Encoding: base64", b"A" * 20_000_000),
    "closed base64 blocks": headed("Content-Type: image/png\nContent-Transfer-Encoding: base64", b"QQ==" * 2_000_000),
    "quoted-printable of equals": headed("Content-Transfer-Encoding: quoted-printable", b"= " * 2_000_000),
    "uuencode begins": headed("Content-Type: text/plain", b"begin 644 a\r\n" * 200_000),
    "near boundaries": headed("Content-Type: multipart/mixed; boundary=z", b"--z\r\n\r\nw\r\n" + b"--zx\r\n" * 500_000),
    "open encoded words": b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\r\n\r\nBody",
    "parameters": b"Content-Type: text/plain" + b"; a" * 300_000 + b"\r\n\r\nBody",
    "continued parameters": b"Content-Type: text/plain"
    + b"".join(b"; n*%d*=x" % n for n in range(999)) * 50
    + b"\r\n\r\nBody",
    "folded lines": b"Subject: a\r\n" + b" b\r\n" * 500_000 + b"\r\nBody",
    "headers": b"X-A: b\r\n" * 300_000 + b"\r\nBody",
    "lines without colon": b"From: a@x.example\r\n" + b"junk\r\n" * 300_000 + b"Subject: x\r\n\r\nBody",
    "carriage returns": b"From: a@x.example\r\n\r\n" + b"\r" * 5_000_000,
    "references": b"References: " + b"<a@b>" * 200_000 + b"\r\n\r\nBody",
    "html of tags": headed("Content-Type: text/html", b"<div><a href=x>" * 300_000),
    "calendar": headed("Content-Type: text/calendar", b"BEGIN:VEVENT\r\n" + b"A;B=\"" * 100_000),
    "delivery status": headed(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=z",
        b"--z\r\nContent-Type: message/delivery-status\r\n\r\n"
        + b"Final-Recipient: rfc822; a@x.example\r\n\r\n" * 100_000,
    ),
    "text bounce": headed("X-Failed-Recipients: a@x.example", b"<a@x.example>:\r\n" * 100_000),
    "spaces": headed("Content-Type: text/plain", b" " * 5_000_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_letter_takes_bounded_time(name):
    assert _seconds(HOSTILE[name]) < 3
