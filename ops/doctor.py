"""`manage.py doctor`: what is wrong with this installation, and the cure. Changes nothing."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ops import bootstrap, installation
from ops.embedded.process import CannotStart

LITTLE_DISK_BYTES = 2 * 1024**3
OLDEST_POSTGRES = 14
LONG_SECRET = 50


class Verdict(StrEnum):
    GOOD = "ok"
    WARNING = "warning"
    BAD = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was seen, and when it is not good, what to do."""

    verdict: Verdict
    what: str
    cure: str = ""


Check = Callable[[], Iterator[Finding]]


def good(what: str) -> Finding:
    return Finding(Verdict.GOOD, what)


def bad(what: str, cure: str) -> Finding:
    return Finding(Verdict.BAD, what, cure)


def warning(what: str, cure: str) -> Finding:
    return Finding(Verdict.WARNING, what, cure)


def doctor() -> int:
    """Returns the exit code: 1 when anything is wrong, warnings alone are 0."""
    worst = Verdict.GOOD
    for finding in _examine():
        print(f"{finding.verdict:<8} {finding.what}")
        if finding.cure:
            print(f"{'':<8}   cure: {finding.cure}")
        if finding.verdict == Verdict.BAD:
            worst = Verdict.BAD
    return int(worst == Verdict.BAD)


def _examine() -> Iterator[Finding]:
    for check, cure in BEFORE_SERVERS:
        yield from _guarded(check, cure)
    try:
        installation.settle_defaults()
        with installation.servers_for_a_command():
            import django

            django.setup()
            for check, cure in WITH_SERVERS:
                yield from _guarded(check, cure)
    except (CannotStart, SystemExit) as reason:
        yield bad(str(reason), "correct what the line names, then run doctor again")


def _guarded(check: Check, cure: str) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # whatever it is, the other checks go on
        name = check.__name__.strip("_").replace("_", " ")
        yield bad(f"{name}: {str(error).strip().partition(chr(10))[0]}", cure)


def _environment() -> Iterator[Finding]:
    yield good(f"Python {sys.version.split()[0]} in {sys.prefix}")
    stamp = bootstrap.stamp_of(bootstrap.RUNTIME)
    if stamp.exists():
        yield good(f"requirements installed as pinned in {bootstrap.RUNTIME}")
    else:
        yield warning("requirements were installed by hand", "python3 manage.py up prepares .venv itself")


def _data_directory() -> Iterator[Finding]:
    path = installation.data_dir()
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        yield bad(f"{existing} is not writable", "change its owner, or name another folder in HELPDESK_DATA_DIR")
        return
    free = shutil.disk_usage(existing).free
    size = f"{free / 1024**3:.1f} GiB free in {path}"
    yield good(size) if free > LITTLE_DISK_BYTES else warning(size, "make room: mail is refused when the disk is full")


def _database() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
        if version // 10000 >= OLDEST_POSTGRES:
            yield good(f"PostgreSQL {version // 10000}.{version % 10000} answers")
        else:
            yield bad(f"PostgreSQL {version // 10000} is too old", f"upgrade to {OLDEST_POSTGRES} or newer")
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT similarity('обращение', 'обрашение')")
            if cursor.fetchone()[0] > 0.5:
                yield good("trigram search sees Cyrillic")
            else:
                yield bad(
                    "trigram search is blind to Cyrillic", "create the database with LC_CTYPE C.UTF-8 or ru_RU.UTF-8"
                )
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute("SELECT current_setting(%s)", [setting])
            if cursor.fetchone()[0] == "off":
                yield bad(f"PostgreSQL runs with {setting} off", f"switch {setting} on: accepted mail may be lost")


def _migrations() -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        yield warning(f"{len(plan)} migrations are not applied", "python3 manage.py migrate (`up` does it itself)")
    else:
        yield good("all migrations are applied")


def _redis() -> Iterator[Finding]:
    import redis
    from django.conf import settings

    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
    client.ping()
    yield good("Redis answers")
    try:
        if client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction") != "noeviction":
            yield warning("Redis may forget tasks", "set maxmemory-policy noeviction")
        if client.config_get("appendonly").get("appendonly") == "no":
            yield warning("Redis keeps nothing over a restart", "set appendonly yes; until then restarts cost seconds")
    except redis.ResponseError:  # a managed server that hides CONFIG
        return


def _mail_port() -> Iterator[Finding]:
    from django.conf import settings

    with socket.socket() as wire:
        wire.settimeout(3)
        if wire.connect_ex((settings.SMTP_BIND, settings.SMTP_PORT)) == 0:
            greeting = wire.recv(200).decode("ascii", "replace").strip()
            if greeting.startswith("220"):
                yield good(f"mail is accepted on port {settings.SMTP_PORT}")
            else:
                yield bad(f"port {settings.SMTP_PORT} answers {greeting!r}", "another program has HELPDESK_SMTP_PORT")
        else:
            yield warning(
                f"nothing listens on port {settings.SMTP_PORT}", "start it: python3 manage.py up, or run smtp"
            )


def _production() -> Iterator[Finding]:
    from django.conf import settings
    from django.core.checks import WARNING, run_checks

    if settings.DEMO:
        yield good("demo: public passwords, mail stays in /demo/mailbox/")
        return
    if len(settings.SECRET_KEY) < LONG_SECRET:
        yield bad("SECRET_KEY is short", "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'")
    if not settings.SITE_URL.startswith("https://"):
        yield warning(f"SITE_URL is {settings.SITE_URL}", "put a TLS proxy in front and set SITE_URL to https://")
    for message in run_checks(include_deployment_checks=True):
        if message.level >= WARNING:
            yield warning(f"{message.id}: {message.msg}", message.hint or "see Django's deployment checklist")


# Each check, and the cure when it cannot even be made.
BEFORE_SERVERS: tuple[tuple[Check, str], ...] = (
    (_environment, "delete .venv and start again"),
    (_data_directory, "name a folder you own in HELPDESK_DATA_DIR"),
)
WITH_SERVERS: tuple[tuple[Check, str], ...] = (
    (_database, "check DATABASE_URL, and that the server runs and lets this machine in"),
    (_migrations, "make the database answer first"),
    (_redis, "check REDIS_URL, and that the server runs; mail is accepted meanwhile"),
    (_mail_port, "check HELPDESK_SMTP_BIND and HELPDESK_SMTP_PORT"),
    (_production, "set what the line names in the environment or .env"),
)
