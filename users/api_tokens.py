"""Programs that sign in: they get a secret once, and what they may do is a list of scopes.

They stand beside people in this room and not in that of the surface which they call, because the set-up makes them,
and no surface imports another (docs/adr/0012-programs-sign-in-as-people-do.md).
"""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction

from core import prepared
from core.sealed import Secret
from events import outbox
from users.event_types import ApiTokenMade, ApiTokenRevoked
from users.models import ApiToken

PREFIX = "hd_"
MOST_PER_MINUTE = 60_000
_USED_TO_THE = timedelta(minutes=1)


class Scope(StrEnum):
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    EVIDENCE_READ = "evidence:read"
    ACTIONS_READ = "actions:read"


class Refused(Exception):
    """`code` says why, `field` where in the form."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class Program:
    """Who asks, as far as the API knows. `key` goes into the journal."""

    token_id: int
    name: str
    scopes: frozenset[str]
    per_minute: int

    @property
    def key(self) -> str:
        return f"api:{self.token_id}"


@dataclass(frozen=True, slots=True)
class TokenView:
    id: int
    name: str
    hint: str
    scopes: tuple[str, ...]
    per_minute: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    has_expired: bool


@transaction.atomic
def make(
    name: str, scopes: Collection[str], *, per_minute: int, expires_at: datetime | None, by: str, now: datetime
) -> Secret:
    """The secret, which nobody can ever read again."""
    if not name.strip():
        raise Refused("no_token_name", "name")
    chosen = [scope.value for scope in Scope if scope.value in scopes]
    if not chosen:
        raise Refused("no_scope", "scopes")
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise Refused("bad_pace", "per_minute")
    if expires_at is not None and expires_at <= now:
        raise Refused("in_the_past", "expires_on")
    secret = Secret(PREFIX + secrets.token_urlsafe(32))
    token = ApiToken.objects.create(
        name=name.strip()[:100],
        digest=_digest(secret),
        hint=secret.reveal()[-4:],
        scopes=chosen,
        per_minute=per_minute,
        made_by=by,
        created_at=now,
        expires_at=expires_at,
    )
    outbox.record(ApiTokenMade(token_id=token.pk, scopes=tuple(chosen)), by=by, now=now)
    return secret


@transaction.atomic
def revoke(token_id: int, *, by: str, now: datetime) -> None:
    """From the next request on. Revoking twice changes nothing."""
    if ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now):
        outbox.record(ApiTokenRevoked(token_id=token_id), by=by, now=now)


# By hand: every request asks it, and the ORM takes longer to write it than the database to answer.
_KNOWN = """
    SELECT id, name, scopes, per_minute, last_used_at FROM users_apitoken
    WHERE digest = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)"""


def known(secret: Secret, *, now: datetime) -> Program | None:
    """Nothing for one that is wrong, revoked or too old. One query, and one a minute that notes the use."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, _KNOWN, [_digest(secret), now])
        found = cursor.fetchone()
    if found is None:
        return None
    token_id, name, scopes, per_minute, last_used_at = found
    if last_used_at is None or now - last_used_at >= _USED_TO_THE:
        ApiToken.objects.filter(pk=token_id).update(last_used_at=now)
    return Program(token_id, name, frozenset(json.loads(scopes)), per_minute)


def tokens(*, now: datetime) -> list[TokenView]:
    """Those that open something first. One query."""
    views = [
        TokenView(
            row.pk, row.name, row.hint, tuple(row.scopes), row.per_minute, row.created_at, row.expires_at,
            row.revoked_at, row.last_used_at, has_expired=row.expires_at is not None and row.expires_at <= now,
        )
        for row in ApiToken.objects.order_by("-id")
    ]  # fmt: skip
    return sorted(views, key=lambda view: view.revoked_at is not None or view.has_expired)


def _digest(secret: Secret) -> str:
    """Plain SHA-256: the secret has 256 random bits, nobody guesses it."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()


def is_good(token_id: int, *, now: datetime) -> bool:
    """Whether what was given to this program still opens something. One query."""
    good = ApiToken.objects.filter(pk=token_id, revoked_at=None).exclude(expires_at__lte=now)
    return good.exists()
