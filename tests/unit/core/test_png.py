"""A logo: its picture is kept, everything hidden beside it is not, and what is no picture is refused."""

import struct
import zlib

import pytest

from core.png import MAX_BYTES, NoPicture, cleaned

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def header(width: int = 2, height: int = 2, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


PIXELS = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0\0\xff\0" * 2))
END = chunk(b"IEND", b"")
PLAIN = SIGNATURE + header() + PIXELS + END


def test_a_plain_picture_stays_as_it_is():
    assert cleaned(PLAIN) == PLAIN


def test_places_texts_and_profiles_are_left_out():
    hidden = chunk(b"tEXt", b"Author\0Ivanov") + chunk(b"eXIf", b"GPS") + chunk(b"iCCP", b"p\0\0x")
    assert cleaned(SIGNATURE + header() + hidden + PIXELS + END) == PLAIN


def test_what_follows_the_end_is_left_out():
    assert cleaned(PLAIN + b"<script>alert(1)</script>") == PLAIN


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no_png"),
        (b"GIF89a", "no_png"),
        (b"\xff\xd8\xff\xe0", "no_png"),
        (PLAIN + b"0" * MAX_BYTES, "too_many_bytes"),
        (SIGNATURE, "broken"),
        (PLAIN[:-4], "broken"),
        (PLAIN[:40] + b"X" + PLAIN[41:], "broken"),
        (SIGNATURE + PIXELS + END, "broken"),
        (SIGNATURE + header() + END, "broken"),
        (SIGNATURE + header() + chunk(b"IDAT", b"no zlib") + END, "broken"),
        (SIGNATURE + header(colour=3) + PIXELS + END, "broken"),
        (SIGNATURE + header(colour=5) + PIXELS + END, "broken"),
        (SIGNATURE + header(width=0) + PIXELS + END, "too_large"),
        (SIGNATURE + header(width=513) + PIXELS + END, "too_large"),
        (SIGNATURE + header(height=2**31) + PIXELS + END, "too_large"),
        (SIGNATURE + header() + chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000)) + END, "broken"),
    ],
)
def test_what_is_refused_and_why(data, code):
    with pytest.raises(NoPicture) as refused:
        cleaned(data)
    assert str(refused.value) == code
