"""What the doctor says of what it sees: each finding names what, why and the cure."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from events.books import PATIENCE
from ops.doctor import judge
from ops.doctor.findings import Finding, Verdict

GOOD, WARNING, BAD = Verdict.GOOD, Verdict.WARNING, Verdict.BAD
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def backup(age, *, damaged=0, is_demo=False):
    return judge.backup(age=age, damaged=damaged, is_demo=is_demo)


TABLE = {
    "much room": (judge.disk("/d", free=50 * judge.GIB, total=100 * judge.GIB), GOOD, "50.0 GiB free"),
    "a tenth left": (judge.disk("/d", free=9 * judge.GIB, total=100 * judge.GIB), WARNING, "mail is refused"),
    "mail is refused": (judge.disk("/d", free=4 * judge.GIB, total=100 * judge.GIB), BAD, "make room"),
    "a small disk": (judge.disk("/d", free=judge.GIB - 1, total=3 * judge.GIB), BAD, "make room"),
    "private keys": (judge.private({"/d/secret-key": 0o600}), GOOD, "1 keys are private"),
    "a key for all to read": (judge.private({"/d/a": 0o600, "/d/b": 0o644}), BAD, "chmod go= /d/b"),
    "PostgreSQL 18": (judge.postgres_version(180006), GOOD, "18.6"),
    "PostgreSQL 13": (judge.postgres_version(130004), BAD, "upgrade to 14"),
    "durable": (judge.durability(dict.fromkeys(judge.DURABLE, "on")), GOOD, "power cut"),
    "fsync off": (judge.durability({"fsync": "off"}), BAD, "ALTER SYSTEM SET fsync = on"),
    "commit off": (judge.durability({"synchronous_commit": "off"}), BAD, "SET synchronous_commit = on"),
    "replicated commit": (judge.durability({"synchronous_commit": "remote_apply"}), GOOD, "power cut"),
    "no pooler": (judge.pooler(leaks=False), GOOD, "of its own"),
    "a pooler by transaction": (judge.pooler(leaks=True), BAD, "pool_mode = session"),
    "one clock": (judge.clock(seconds_apart=-1.9), GOOD, "agree"),
    "two clocks": (judge.clock(seconds_apart=-3600), BAD, "3600 s apart"),
    "up to date": (judge.migrations(missing=0, unknown=[]), GOOD, "applied"),
    "behind": (judge.migrations(missing=3, unknown=[]), BAD, "manage.py prepare"),
    "ahead": (judge.migrations(missing=3, unknown=["tickets.9999_x"]), BAD, "newer version: tickets.9999_x"),
    "Redis that evicts": (judge.redis_settings(policy="allkeys-lru", appendonly="yes"), WARNING, "noeviction"),
    "Redis that forgets": (judge.redis_settings(policy="noeviction", appendonly="no"), WARNING, "appendonly yes"),
    "a door": (judge.door("port 25", answers=True, greeting="220 desk"), GOOD, "accepted at port 25"),
    "a closed door": (judge.door("port 25", answers=False), WARNING, "run smtp"),
    "somebody else's door": (judge.door("port 25", answers=True, greeting="SSH-2.0"), BAD, "HELPDESK_SMTP_PORT"),
    "all at work": (judge.silence(work=MINUTE, relay=MINUTE), GOOD, "at work"),
    "no relay ever": (judge.silence(work=MINUTE, relay=None), WARNING, "run relay"),
    "a silent worker": (judge.silence(work=4 * MINUTE, relay=MINUTE), WARNING, "run worker"),
    "last night's backup": (backup(9 * HOUR), GOOD, "9 hours old"),
    "an old backup": (backup(50 * HOUR), WARNING, "50 hours old"),
    "no backup": (backup(None), WARNING, "manage.py backup"),
    "no backup of a demo": (backup(None, is_demo=True), GOOD, "needs no backup"),
    "a backup without some files": (backup(HOUR, damaged=2), BAD, "2 files are not in"),
    "a red book": (judge.book("mail_unread", count=7, since="today", is_stale=False), BAD, "red since today (7)"),
    "a closed book": (judge.book("mail_unread", count=0, since="today", is_stale=True), WARNING, "run relay"),
    "no orphans": (judge.orphans(count=0, size_bytes=0), GOOD, "belongs"),
    "orphans": (judge.orphans(count=2, size_bytes=5 * 1024**2), WARNING, "5.0 MiB"),
    "nothing held too long": (judge.quarantine(count=3, overdue=0), GOOD, "3 mails"),
    "held too long": (judge.quarantine(count=3, overdue=1), WARNING, "1 of 3"),
    "numbers enough": (judge.numbers(place=1_000_012), GOOD, "1000012"),
    "numbers at their end": (judge.numbers(place=95_000_000), WARNING, "twelve digits"),
}


@pytest.mark.parametrize(("found", "verdict", "words"), TABLE.values(), ids=TABLE)
def test_a_finding(found: Finding | Iterator[Finding], verdict: Verdict, words: str) -> None:
    (finding,) = [found] if isinstance(found, Finding) else list(found)
    assert finding.verdict == verdict
    assert words in str(finding)
    assert bool(finding.why and finding.cure) == (verdict != GOOD)


def test_every_book_of_the_minute_has_its_cure():
    assert set(PATIENCE) - set(judge.BOOKS) == {"counters_off", "files_missing"}
