"""From facts to findings: pure rules, each a few lines, so that a table can hold them to their words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from ops.doctor.findings import Finding, bad, good, warning

GIB = 1024**3
OLDEST_POSTGRES = 14
SECONDS_APART = 2.0
SILENT = timedelta(minutes=3)
OLD_BACKUP = timedelta(hours=26)  # a nightly one, and two hours for a slow night
LAST_PLACES = 90_000_000  # of the 100,000,000 that nine digits can count

DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def disk(path: str, *, free: int, total: int) -> Finding:
    size = f"{free / GIB:.1f} GiB free in {path}"
    if free < max(GIB, 0.05 * total):
        why = "doors answer `come again later`, and a database without room stops"
        return bad(size, why, f"make room on that disk; old backups first: ls {path}/backups")
    if free < max(2 * GIB, 0.1 * total):
        return warning(size, "below 1 GiB or 5 % mail is refused", "make room on that disk")
    return good(size)


def private(modes: Mapping[str, int]) -> Iterator[Finding]:
    is_open = [path for path, mode in modes.items() if mode & 0o077]
    for path in is_open:
        yield bad(f"{path} can be read by others", "it is a secret of the desk", f"chmod go= {path}")
    if not is_open:
        yield good(f"{len(modes)} keys are private")


def postgres_version(number: int) -> Finding:
    name = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 < OLDEST_POSTGRES:
        return bad(f"{name} is too old", "statements of the desk fail there", f"upgrade to {OLDEST_POSTGRES} or newer")
    return good(f"{name} answers")


def durability(settings: Mapping[str, str]) -> Iterator[Finding]:
    off = [name for name in DURABLE if settings.get(name) == "off"]
    for name in off:
        cure = f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();"
        yield bad(f"PostgreSQL runs with {name} off", "mail that was accepted may be gone after a power cut", cure)
    if not off:
        yield good("PostgreSQL keeps what it was given over a power cut")


def pooler(*, leaks: bool) -> Finding:
    if leaks:
        why = "statements are prepared and locks are held by the session, which such a pooler gives to others"
        return bad("a pooler hands sessions on between transactions", why, "PgBouncer: pool_mode = session")
    return good("each connection has a session of its own")


def clock(*, seconds_apart: float) -> Finding:
    if abs(seconds_apart) > SECONDS_APART:
        why = "leases, deadlines and one-time codes are judged by both clocks"
        what = f"the clocks of this machine and of the database are {abs(seconds_apart):.0f} s apart"
        return bad(what, why, "timedatectl set-ntp true, on both machines")
    return good("this machine's clock and the database's agree")


def migrations(*, missing: int, unknown: Sequence[str]) -> Finding:
    if unknown:
        why = "older code beside newer tables is for the length of an upgrade only"
        return bad(f"the database is of a newer version: {unknown[0]}", why, "start the version it belongs to")
    if missing:
        why = "the code expects tables that are not there"
        return bad(f"{missing} migrations are not applied", why, "python3 manage.py prepare")
    return good("all migrations are applied")


def redis_settings(*, policy: str, appendonly: str) -> Iterator[Finding]:
    if policy != "noeviction":
        why = "work is noticed late: the desk sweeps every five seconds instead of being rung"
        yield warning(f"Redis may forget rings ({policy})", why, "CONFIG SET maxmemory-policy noeviction")
    if appendonly == "no":
        why = "a restart of Redis costs seconds; nothing is lost"
        yield warning("Redis keeps nothing over a restart", why, "CONFIG SET appendonly yes")


def door(name: str, *, answers: bool, greeting: str = "220") -> Finding:
    if not answers:
        return warning(f"nothing listens at {name}", "nobody can come in there", "python3 manage.py up, or run smtp")
    if not greeting.startswith("220"):
        why = "mail goes to another program"
        return bad(f"{name} answers {greeting!r}", why, "choose another HELPDESK_SMTP_PORT, or stop that program")
    return good(f"mail is accepted at {name}")


def silence(*, work: timedelta | None, relay: timedelta | None) -> Finding:
    """Since when the worker, and the relay, were last seen to work. None: never."""
    for name, since in (("relay", relay), ("worker", work)):
        if since is None or since > SILENT:
            ago = "never" if since is None else f"{since.total_seconds() // 60:.0f} minutes ago"
            cure = f"python3 manage.py up, or restart the process: run {name}"
            return warning(f"the {name} was last seen at work {ago}", "mail waits unread and letters unsent", cure)
    return good("relay and worker are at work")


def backup(*, age: timedelta | None, damaged: int, is_demo: bool) -> Finding:
    cure = "python3 manage.py backup /mnt/backups --keep 14, from cron (docs/operating.md)"
    if age is None or age > OLD_BACKUP:
        if is_demo:
            return good("a demo needs no backup")
        what = (
            "there was never a backup"
            if age is None
            else f"the last backup is {age.days * 24 + age.seconds // 3600} hours old"
        )
        return warning(what, "a broken disk would take everything since", cure)
    if damaged:
        why = "these files of the desk were broken already when it was made"
        return bad(
            f"{damaged} files are not in the last backup",
            why,
            "bring them back from an older one: blobs/ab/cd/<digest>",
        )
    return good(f"the last backup is {age.seconds // 3600} hours old")


# book -> why it matters, and the cure; docs/operating.md says more
BOOKS: dict[str, tuple[str, str]] = {
    "mail_unread": ("senders wait for their numbers", "restart the worker: run worker"),
    "deliveries_due": ("letters wait to leave", "restart the worker; test the relay at /setup/"),
    "leases_overrun": ("work of a dead process lies still", "restart the worker: run worker"),
    "work_silent": ("nobody reads mail and sends letters", "restart the worker; then look at Redis"),
    "levels_overdue": ("proof that has run out still counts", "restart the relay: run relay"),
    "summaries_overdue": ("people wait for their numbers", "restart the relay: run relay"),
    "mail_nowhere": (
        "a letter is at no ticket",
        "its bytes are in channels_app_rawmessage; find what deleted its message",
    ),
    "tickets_unanswered": ("people do not know their numbers", "answer those tickets by hand; keep the log"),
    "numbers_unknown": ("a number might be given out twice", "find what writes into the tables besides the desk"),
    "journals_broken": ("history is not what was written", "compare with a backup; find who had the database"),
}


def book(name: str, *, count: int, since: str, is_stale: bool) -> Finding:
    why, cure = BOOKS.get(name, ("something is not accounted for", "docs/operating.md, Books"))
    if is_stale:
        return warning(f"book {name} was last looked into at {since}", why, "restart the relay: run relay")
    return bad(f"book {name} is red since {since} ({count})", why, cure)


def orphans(*, count: int, size_bytes: int) -> Finding:
    if count:
        what = f"{count} files no ticket names take {size_bytes / 1024**2:.1f} MiB"
        return warning(what, "they only take room: left by a process that died", "python3 manage.py doctor --sweep")
    return good("every file belongs to something")


def quarantine(*, count: int, overdue: int) -> Finding:
    if overdue:
        what = f"{overdue} of {count} held mails wait longer than their quarter of an hour"
        return warning(what, "they look as if people wrote them, and nobody has answered", "/desk/quarantine/")
    return good(f"{count} mails are held, none too long")


def numbers(*, place: int) -> Finding:
    if place > LAST_PLACES:
        why = "nine digits end at 100,000,000; each restore takes a million"
        return warning(
            f"ticket numbers have come to place {place}", why, "upgrade to a version with twelve digits in time"
        )
    return good(f"ticket numbers have come to place {place}")
