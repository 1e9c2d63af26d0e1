"""The next mail server on the way out, and a connection to it."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from core.sealed import Secret


@dataclass(frozen=True, slots=True)
class Relay:
    host: str
    port: int
    user: str = ""
    password: Secret = Secret("")  # noqa: RUF009 - a value
    is_tls: bool = False  # TLS from the first byte
    starts_tls: bool = False

    def __repr__(self) -> str:
        return f"Relay({self.host}:{self.port})"

    @classmethod
    def of_url(cls, url: str) -> "Relay":
        """`smtp://user:password@host:port`, `smtps://…`, `smtp://…?tls=1` for STARTTLS. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("EMAIL_URL must be smtp://host:port or smtps://host:port")
        is_tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if is_tls else 25),
            user=unquote(parts.username or ""),
            password=Secret(unquote(parts.password or "")),
            is_tls=is_tls,
            starts_tls=parse_qs(parts.query).get("tls", ["0"])[-1] in ("1", "true", "yes"),
        )


class _Connection(smtplib.SMTP):
    """Closes without QUIT when left: a server that hangs there must not turn a clear answer into an exception."""

    def __exit__(self, *args: object) -> None:
        self.close()


class _TLSConnection(smtplib.SMTP_SSL):
    def __exit__(self, *args: object) -> None:
        self.close()


_kept: ContextVar[dict[Relay, smtplib.SMTP] | None] = ContextVar("kept", default=None)


@contextmanager
def connections_kept() -> Iterator[None]:
    """Letters that leave one after another inside of this share a connection: greeting, TLS and sign-in happen once."""
    kept: dict[Relay, smtplib.SMTP] = {}
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for smtp in kept.values():
            smtp.close()


def left_by_the_last_letter(relay: Relay) -> smtplib.SMTP | None:
    """The caller's from now on: he closes it or keeps it again."""
    kept = _kept.get()
    return kept.pop(relay, None) if kept else None


def keep(relay: Relay, smtp: smtplib.SMTP) -> None:
    """For the next letter, where anybody waits for one; closed otherwise."""
    kept = _kept.get()
    if kept is None:
        smtp.close()
    else:
        kept[relay] = smtp


def connected(relay: Relay, *, timeout: float) -> smtplib.SMTP:
    """Signed in where the relay asks for it."""
    smtp = _opened(relay, timeout)
    try:
        assert smtp.sock is not None
        # The final dot is written apart from the mail; held back by Nagle it waits 40 ms for a delayed ACK.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if relay.starts_tls:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if relay.user:
            smtp.login(relay.user, relay.password.reveal())
    except BaseException:
        smtp.close()
        raise
    return smtp


def _opened(relay: Relay, timeout: float) -> smtplib.SMTP:
    """Left to itself smtplib believes any certificate; SSL_CERT_FILE names an authority of one's own."""
    if relay.is_tls:
        context = ssl.create_default_context()
        return _TLSConnection(relay.host, relay.port, timeout=timeout, context=context)
    return _Connection(relay.host, relay.port, timeout=timeout)
