"""Request bodies are complete before a thread is taken, and limited."""

import asyncio

import pytest
from django.test import Client

from helpdesk.body import CHUNK_BYTES, HEARD_OUT, MARK, REFUSAL, BufferedBody

LIMIT = 3 * CHUNK_BYTES


async def echo(scope, receive, send):
    """Or, in place of the pages that refuse, where they were asked for."""
    if scope["path"].endswith(REFUSAL):
        assert scope["headers"] == [(b"accept-language", b"ru")]
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": f"{scope['method']} {scope['path']}".encode()})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    headers = dict(scope["headers"])
    if MARK in headers:
        assert headers[b"content-length"] == str(len(body)).encode()
        body += b" marked"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def post(*chunks, announced=None, ends=True, path="/request/", asks_first=False, leaves=0, kind="text/plain"):
    """Status and body of the answer; (None, b"") when there is none. `leaves`: pieces that were not taken."""
    events = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    events += [{"type": "http.request", "body": b"", "more_body": False}] if ends else [{"type": "http.disconnect"}]
    headers = [(b"accept-language", b"ru"), (b"content-type", kind.encode())]
    headers += [(b"content-length", str(announced).encode())] if announced is not None else []
    headers += [(b"expect", b"100-continue")] if asks_first else []
    sent = []

    async def receive():
        return events.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    asyncio.run(BufferedBody(echo, limit_bytes=LIMIT)(scope, receive, send))
    assert len(events) == leaves
    if sent and sent[0]["status"] == 413:
        assert (b"connection", b"close") in sent[0]["headers"]
    return (sent[0]["status"], b"".join(m.get("body", b"") for m in sent)) if sent else (None, b"")


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param((), id="no body"),
        pytest.param((b"a=1",), id="one small piece"),
        pytest.param((b"a" * CHUNK_BYTES, b"b" * CHUNK_BYTES, b"c"), id="several pieces"),
        pytest.param((b"x" * LIMIT,), id="just the limit"),
    ],
)
def test_a_body_arrives_whole(chunks):
    assert post(*chunks) == (200, b"".join(chunks))


@pytest.mark.parametrize("announced", [None, LIMIT + 1])
def test_a_body_over_the_limit_is_heard_out_and_answered_with_a_page(announced):
    assert post(b"x" * LIMIT, b"y", b"z", announced=announced) == (413, b"GET /too-large/")


def test_whoever_asks_before_he_sends_is_refused_unheard():
    assert post(b"x" * LIMIT, b"y", announced=LIMIT + 1, asks_first=True, leaves=3)[0] == 413


def test_nobody_is_heard_out_without_end():
    assert post(*[b"x" * LIMIT] * (HEARD_OUT + 2), announced=LIMIT + 1, leaves=3)[0] == 413


FORM = "multipart/form-data; boundary=xyz"
WORDS = b'--xyz\r\nContent-Disposition: form-data; name="text"\r\n\r\nHelp\r\n'
FILE = b'--xyz\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'
END = b"\r\n--xyz--\r\n"


@pytest.mark.parametrize("announced", [None, LIMIT + 1])
def test_of_a_form_whose_files_are_too_large_the_words_go_on(announced):
    given = (WORDS + FILE, b"x" * LIMIT, b"y" * LIMIT, END)
    assert post(*given, announced=announced, kind=FORM) == (200, WORDS + b"--xyz--\r\n" + b" marked")


@pytest.mark.parametrize(
    ("given", "more"),
    [
        pytest.param((WORDS + FILE, b"x" * LIMIT), {}, id="cut off"),
        pytest.param((WORDS + FILE, *[b"x" * LIMIT] * HEARD_OUT, b"y", END), {"leaves": 3}, id="without end"),
        pytest.param((WORDS + FILE, b"x" * LIMIT, END), {"path": "/api/v1/files/"}, id="to a program's door"),
        pytest.param((WORDS + FILE, END), {"announced": LIMIT + 1, "asks_first": True, "leaves": 3}, id="unheard"),
    ],
)
def test_any_other_is_refused_whole(given, more):
    assert post(*given, kind=FORM, **more)[0] == 413


def test_nobody_marks_a_form_that_is_not_too_large():
    assert post(WORDS + END[2:], kind=FORM) == (200, WORDS + END[2:])


def test_a_program_gets_a_problem():
    assert post(announced=LIMIT + 1, path="/api/v1/tickets/") == (413, b"GET /api/v1/too-large/")


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("en", "larger than 40 MB"), ("ru", "больше 40\u00a0МБ")])
def test_the_page_says_the_limit_in_the_language_of_the_reader(language, words):
    answer = Client(headers={"accept-language": language}).get(REFUSAL)
    assert answer.status_code == 413
    assert words in answer.content.decode()


@pytest.mark.django_db
def test_the_problem_says_it_too():
    answer = Client(headers={"accept-language": "ru"}).get(f"/api/v1{REFUSAL}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "body_too_large"
    assert "40\u00a0МБ" in answer.json()["detail"]


def test_a_visitor_who_leaves_takes_no_thread():
    assert post(b"half", ends=False) == (None, b"")
