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


class BufferedBody:
    """ASGI middleware: calls `app` when the whole body is here, or answers 413 without it."""

    def __init__(self, app: App, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _announced_bytes(scope) > self.limit_bytes:
            await _refuse(send)
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
                    await _refuse(send)
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


def _announced_bytes(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Send) -> None:
    text = "Слишком большой запрос. / The request is too large.\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text})
