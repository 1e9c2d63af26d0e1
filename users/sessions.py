"""Where somebody is signed in, and the end of it; the same for the desk and the panel."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import QuerySet

from events import outbox
from users.browsers import browser_of
from users.models import PasskeyQuestion, Realm, SignedIn

SEEN_EVERY = timedelta(minutes=1)
ON_ITS_WAY = timedelta(seconds=10)  # how long a request with a key that was changed may take to come

# Written from the session itself: one that has been ended meanwhile does not come back by being seen.
_SEEN = """
    INSERT INTO users_signedin (session_id, user_id, realm, browser, address, made_at, seen_at)
    SELECT session_key, %(user)s, %(realm)s, %(browser)s, %(address)s, %(now)s, %(now)s
      FROM django_session WHERE session_key = %(session)s FOR KEY SHARE
    ON CONFLICT (session_id) DO UPDATE
       SET browser = EXCLUDED.browser, address = EXCLUDED.address, seen_at = EXCLUDED.seen_at
     WHERE users_signedin.seen_at < EXCLUDED.seen_at"""


@dataclass(frozen=True, slots=True)
class SessionView:
    """`address` is the only thing known of the place."""

    id: int
    browser: str
    address: str
    made_at: datetime
    seen_at: datetime
    is_this: bool


def seen(session_key: str, *, user_id: int, realm: Realm, user_agent: str, address: str | None, now: datetime) -> None:
    """Notes that somebody is here: at his first page, then once a minute in each process."""
    if not cache.add(f"seen:{session_key}", 1, SEEN_EVERY.total_seconds()):
        return
    values: dict[str, Any] = {
        "session": session_key,
        "user": user_id,
        "realm": realm.value,
        "browser": browser_of(user_agent),
        "address": address or None,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, values)


@transaction.atomic
def change_key(session: SessionBase, *, without: Collection[str], now: datetime) -> None:
    """Another key for whoever has just proven himself: one that was stolen before opens nothing more.

    He stays where he is in the list of sessions, and his open sockets and questions to passkeys go on. Requests that
    are on their way with the old key are still answered, without what he proves from now on (`without`): turned away,
    they would take the new cookie from his browser. A session that was ended meanwhile does not come back.
    """
    old = session.session_key or ""
    if not Session.objects.select_for_update().filter(session_key=old).exists():
        return
    here = SignedIn.objects.filter(session_id=old).values().first()
    session.cycle_key()
    if here is not None:
        SignedIn.objects.create(**here | {"session_id": session.session_key})
    PasskeyQuestion.objects.filter(session_key=old).update(session_key=session.session_key)
    leaving, until = type(session)(), now + ON_ITS_WAY
    leaving.update({name: value for name, value in session.items() if name not in without})
    leaving.set_expiry(until)
    Session.objects.create(session_key=old, session_data=leaving.encode(dict(leaving.items())), expire_date=until)


def place_of(session_key: str | None) -> int | None:
    """The id in the list of sessions, which stays when the key changes; none before his first page."""
    return SignedIn.objects.filter(session_id=session_key or "").values_list("pk", flat=True).first()


def stands(signed_in_id: int, *, now: datetime) -> bool:
    return SignedIn.objects.filter(pk=signed_in_id, session__expire_date__gt=now).exists()


def of_user(user_id: int, *, realm: Realm, now: datetime, this: str | None = None) -> tuple[SessionView, ...]:
    """Those that have not run out, this one first, then the latest seen. `this` is the key of the reader's own."""
    rows = _of(user_id, realm).filter(session__expire_date__gt=now).order_by("-seen_at", "id")
    views = [
        SessionView(row.pk, row.browser, row.address or "", row.made_at, row.seen_at, row.session_id == this)
        for row in rows
    ]
    return tuple(sorted(views, key=lambda view: not view.is_this))


def end(user_id: int, signed_in_id: int, *, realm: Realm) -> int:
    """How many ended: one, or none where it is not this person's or has ended before."""
    return _end(user_id, _of(user_id, realm).filter(pk=signed_in_id))


def end_all(user_id: int, *, realm: Realm, but: str | None = None) -> int:
    """All of a person, but the one with this key; how many."""
    return _end(user_id, _of(user_id, realm).exclude(session_id=but or ""))


def tell_pages(user_id: int) -> None:
    """The open pages of a person look at once whether their session still stands (realtime/panel.py)."""
    outbox.ring(f"nudge {topic_of(user_id)}")


def topic_of(user_id: int) -> str:
    return f"user:{user_id}"


def _of(user_id: int, realm: Realm) -> QuerySet[SignedIn]:
    return SignedIn.objects.filter(user_id=user_id, realm=realm)


def _end(user_id: int, rows: QuerySet[SignedIn]) -> int:
    """What belongs to a session goes with it; a page that is just being made cannot save it again."""
    ended = Session.objects.filter(session_key__in=rows.values("session_id")).delete()[0]
    tell_pages(user_id)
    return ended


def forget_ended(now: datetime) -> None:
    """Those that have run out, of visitors too."""
    Session.objects.filter(expire_date__lt=now).delete()
