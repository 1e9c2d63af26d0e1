"""Request bodies are complete before a thread is taken, and limited."""

import asyncio

import pytest

from helpdesk.body import CHUNK_BYTES, BufferedBody

LIMIT = 3 * CHUNK_BYTES


async def echo(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def post(*chunks, announced=None, ends=True):
    """Status and body of the answer; (None, b"") when there is none."""
    events = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    events += [{"type": "http.request", "body": b"", "more_body": False}] if ends else [{"type": "http.disconnect"}]
    headers = [(b"content-length", str(announced).encode())] if announced is not None else []
    sent = []

    async def receive():
        return events.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(BufferedBody(echo, limit_bytes=LIMIT)({"type": "http", "headers": headers}, receive, send))
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


def test_an_announced_body_over_the_limit_is_refused_unread():
    assert post(announced=LIMIT + 1)[0] == 413


def test_an_unannounced_body_over_the_limit_is_refused():
    assert post(b"x" * LIMIT, b"y")[0] == 413


def test_a_visitor_who_leaves_takes_no_thread():
    assert post(b"half", ends=False) == (None, b"")
