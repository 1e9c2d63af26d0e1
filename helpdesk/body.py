"""Request bodies wait on disk, not in a thread: a slow upload must not take one of eight."""

from collections.abc import Awaitable, Callable, MutableMapping
from tempfile import SpooledTemporaryFile
from typing import Any

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
_OF_BODY = (b"content-length", b"content-type", b"transfer-encoding", b"expect")


class BufferedBody:
    """ASGI middleware: calls `app` when the whole body is here, or for the page that says that it is too large."""

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
                size += len(chunk)
                if size > self.limit_bytes:
                    await self._refuse(scope, receive, send, taken=size, more=message.get("more_body", False))
                    return
                kept.write(chunk)
                more = message.get("more_body", False)
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

            await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, *, taken: int = 0, more: bool = True) -> None:
        headers = [pair for pair in scope["headers"] if pair[0] not in _OF_BODY]
        is_asked_first = any(name == b"expect" for name, _ in scope["headers"])  # nothing was sent yet
        while more and not is_asked_first and taken < HEARD_OUT * self.limit_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            taken += len(message.get("body", b""))
            more = message.get("more_body", False)
        path = f"/api/v1{REFUSAL}" if scope["path"].startswith("/api/") else REFUSAL
        asked = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self.app({**scope, **asked}, nothing, close)


def _announced_bytes(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0
