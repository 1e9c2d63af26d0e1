"""Whatever is done to a letter, it is read or refused by name, and the result can be stored."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.mail.limits import Unparseable
from tests.fixtures.mail import ALL
from tests.unit.mail.reading import assert_storable, read

CHUNKS = [b"\0", b"\xff\xfe", b"\r\n", b"\n\n", b"=?utf-8?B?", b"?=", b"--b1", b'"', b"(", b"<", b"\xd0", b"\x1b$B",
          b"Content-Type: multipart/mixed; boundary=b1\r\n", b"\xed\xa0\x80", b"=", b"%", b";", b"*0*="]  # fmt: skip


def _survives(raw: bytes) -> None:
    begin = time.thread_time()
    try:
        message = read(raw)
    except Unparseable as refusal:
        assert refusal.reason_code != "parser_failed", refusal.__cause__
        return
    assert_storable(message)
    names = [file.filename.casefold() for file in message.attachments]
    assert len(names) == len(set(names))
    assert all(name and "/" not in name and len(name.encode()) <= 255 for name in names)
    assert time.thread_time() - begin < 20


@pytest.mark.parametrize("name", ALL)
def test_letter_itself_is_read(name):
    _survives(ALL[name])


@pytest.mark.parametrize("name", ALL)
def test_mutated_letter_is_read_or_refused_by_name(name):
    dice = random.Random(name)
    for _ in range(12):
        raw = bytearray(ALL[name])
        for _ in range(dice.randint(1, 8)):
            position = dice.randrange(len(raw) + 1)
            match dice.randrange(4):
                case 0:
                    raw[position:position] = dice.choice(CHUNKS)
                case 1:
                    del raw[position : position + dice.randint(1, 40)]
                case 2:
                    raw[position : position + 1] = bytes([dice.randrange(256)])
                case 3:
                    raw[position:position] = raw[max(0, position - 200) : position]
        _survives(bytes(raw))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_by_name(raw):
    _survives(raw)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*CHUNKS, b"From: ", b"Subject: ", b"Content-Transfer-Encoding: base64\r\n", b"text/html", b"a@x.example"]
        ),
        max_size=40,
    )
)
def test_any_heap_of_mail_words_is_read_or_refused_by_name(pieces):
    _survives(b"".join(pieces))
