"""Request bodies wait on disk, not in a thread: a slow upload must not take one of eight."""

from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from helpdesk.text_parts import TextParts, boundary_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LIMIT_BYTES = 40 * 1024 * 1024
IN_MEMORY_BYTES = 256 * 1024
CHUNK_BYTES = 64 * 1024
HEARD_OUT = 10  # times the limit: whoever still sends reads no answer, so that much is taken and thrown away
REFUSAL = "/too-large/"  # the address of the page that says so, with status 413; below /api/v1 of the problem
MARK = b"x-files-too-large"  # read by web.shared.too_large: the files of this form were let go
_OF_BODY = (b"content-length", b"content-type", b"transfer-encoding", b"expect")


class BufferedBody:
    """ASGI middleware: calls `app` when the whole body is here. Of one that is too large a form's words alone are
    handed on, marked by a header; in place of any other, the page that says so is asked for.
    """

    def __init__(self, app: App, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _announced_bytes(scope) > self.limit_bytes:
            await self._refuse(scope, receive, send)
            return
        with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as kept:
            size = 0
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                chunk = message.get("body", b"")
                kept.write(chunk)
                size += len(chunk)
                more = message.get("more_body", False)
                if size > self.limit_bytes:
                    await self._refuse(scope, receive, send, kept=kept, taken=size, more=more)
                    return
            await self.app(scope, _replayed(kept, size, receive), send)

    async def _refuse(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        kept: IO[bytes] | None = None,
        taken: int = 0,
        more: bool = True,
    ) -> None:
        words = TextParts(boundary) if (boundary := _boundary(scope)) else None
        if words and kept:
            kept.seek(0)
            while chunk := kept.read(CHUNK_BYTES):
                words.feed(chunk)
        is_asked_first = any(name == b"expect" for name, _ in scope["headers"])  # nothing was sent yet
        while more and not is_asked_first and taken < HEARD_OUT * self.limit_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunk = message.get("body", b"")
            if words:
                words.feed(chunk)
            taken += len(chunk)
            more = message.get("more_body", False)

        async def close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        if words and (body := words.body()):
            await self.app(_with_words_alone(scope, body), _replayed(BytesIO(body), len(body), receive), close)
        else:
            await self.app(_asked_for_page(scope), _replayed(BytesIO(), 0, receive), close)


def _replayed(kept: IO[bytes], size: int, receive: Receive) -> Receive:
    kept.seek(0)
    left, is_told = size, False

    async def replay() -> Message:
        nonlocal left, is_told
        if is_told:
            return await receive()  # only a disconnect can come now
        chunk = kept.read(CHUNK_BYTES)
        left -= len(chunk)
        is_told = not left
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    return replay


def _boundary(scope: Scope) -> bytes:
    """Of the parts of a page's form. Programs read a problem instead."""
    if scope["path"].startswith("/api/"):
        return b""
    return boundary_of(next((value for name, value in scope["headers"] if name == b"content-type"), b""))


def _with_words_alone(scope: Scope, body: bytes) -> Scope:
    told = [(b"content-length", str(len(body)).encode()), (MARK, b"1")]
    replaced = {b"content-length", b"transfer-encoding", MARK}
    return {**scope, "headers": [*(pair for pair in scope["headers"] if pair[0] not in replaced), *told]}


def _asked_for_page(scope: Scope) -> Scope:
    headers = [pair for pair in scope["headers"] if pair[0] not in _OF_BODY]
    path = f"/api/v1{REFUSAL}" if scope["path"].startswith("/api/") else REFUSAL
    asked = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    return {**scope, **asked}


def _announced_bytes(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0
