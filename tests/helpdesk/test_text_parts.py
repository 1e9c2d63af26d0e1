"""The words of a form whose files are too large."""

from io import BytesIO

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser
from django.test.client import encode_multipart

from helpdesk.text_parts import MOST_BYTES, MOST_HEAD_BYTES, MOST_PARTS, TextParts, boundary_of

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


class File(BytesIO):
    name = "film.mp4"


def form(**given) -> bytes:
    return encode_multipart(BOUNDARY, given)


def kept(body: bytes, *, piece: int = 7) -> dict[str, list[str]] | None:
    """As Django reads what is left; None where the form is given up."""
    parts = TextParts(boundary_of(TYPE.encode()))
    for start in range(0, len(body), piece):
        parts.feed(body[start : start + piece])
    if not (left := parts.body()):
        return None
    meta = {"CONTENT_TYPE": TYPE, "CONTENT_LENGTH": str(len(left))}
    fields, files = MultiPartParser(meta, BytesIO(left), [MemoryFileUploadHandler()]).parse()
    assert not files
    return dict(fields.lists())


@pytest.mark.parametrize("piece", [1, 2, 3, 17, 64, 100_000])
def test_words_are_kept_and_files_let_go_however_the_pieces_fall(piece):
    typed = {
        "text": "Не открывается\r\n\r\nсайт -- совсем",
        "empty": "",
        "files": File(b"\r\n--" * 900),
        "to": ["1", "2"],
    }
    assert kept(form(**typed), piece=piece) == {"text": [typed["text"]], "empty": [""], "to": ["1", "2"]}


def test_what_looks_like_a_mark_and_is_none_stays_a_word():
    said = f"\r\n--{BOUNDARY[:-1]}\r\n--"
    assert kept(form(text=said), piece=5) == {"text": [said]}


def test_a_word_is_no_file_for_what_stands_in_it():
    assert kept(form(text='; filename="a.txt"')) == {"text": ['; filename="a.txt"']}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(form(text="a")[:-10], id="cut off"),
        pytest.param(b"text=a&files=b", id="no form of parts"),
        pytest.param(form(text="a" * (MOST_BYTES + 1)), id="too many words"),
        pytest.param(f"--{BOUNDARY}\r\nX: ".encode() + b"a" * MOST_HEAD_BYTES * 2, id="an endless head"),
        pytest.param(form(files=[File(b"a")] * (MOST_PARTS + 1)), id="too many parts"),
    ],
)
def test_what_did_not_come_whole_or_is_out_of_measure_is_given_up(body):
    assert kept(body, piece=4096) is None


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        (b"multipart/form-data; boundary=abc", b"abc"),
        (b'Multipart/Form-Data; charset=utf-8; boundary="a b"', b"a b"),
        (b"multipart/form-data", b""),
        (b"application/x-www-form-urlencoded", b""),
        (b"text/plain; x=multipart/form-data; boundary=a", b""),
    ],
)
def test_only_a_form_with_files_has_a_boundary(content_type, boundary):
    assert boundary_of(content_type) == boundary
