"""Looks at the installation and hands what it sees to the judge. Each check may fail; the others go on."""

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta

from core.clock import now
from ops import bootstrap, installation
from ops.doctor import judge
from ops.doctor.findings import Finding, bad, good, warning

LONG_SECRET = 50
ORPHAN_AGE = timedelta(hours=24)
Check = Callable[[], Iterator[Finding]]


def environment() -> Iterator[Finding]:
    yield good(f"Python {sys.version.split()[0]} in {sys.prefix}")
    stamp = bootstrap.stamp_of(bootstrap.RUNTIME)
    if stamp.exists():
        yield good(f"requirements installed as pinned in {bootstrap.RUNTIME}")
    else:
        why = "the desk was tested with the pinned versions"
        yield warning("requirements were installed by hand", why, "python3 manage.py up prepares .venv itself")


def data_directory() -> Iterator[Finding]:
    path = installation.data_dir()
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        cure = f"chown -R {os.geteuid()} {existing}, or name another folder in HELPDESK_DATA_DIR"
        yield bad(f"{existing} is not writable", "servers, files and keys live there", cure)
        return
    usage = shutil.disk_usage(existing)
    yield judge.disk(str(path), free=usage.free, total=usage.total)
    secrets = [secret for secret in (path / "secret-key", *path.glob("dkim/*.pem")) if secret.exists()]
    yield from judge.private({str(secret): stat.S_IMODE(secret.stat().st_mode) for secret in secrets})


def database() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:

        def ask(statement: str, *values: str | datetime) -> object:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]

        yield judge.postgres_version(int(str(ask("SHOW server_version_num"))))
        yield from judge.durability({name: str(ask("SELECT current_setting(%s)", name)) for name in judge.DURABLE})
        if ask("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"):
            if float(str(ask("SELECT similarity('обращение', 'обрашение')"))) > 0.5:
                yield good("trigram search sees Cyrillic")
            else:
                cure = "create the database with LC_CTYPE C.UTF-8 or ru_RU.UTF-8: backup, createdb, restore"
                yield bad("trigram search is blind to Cyrillic", "nothing Russian is found", cure)
        apart = float(str(ask("SELECT extract(epoch FROM clock_timestamp() - %s::timestamptz)", now())))
        yield judge.clock(seconds_apart=apart)
    yield judge.pooler(leaks=_sessions_leak())


def _sessions_leak() -> bool:
    """What one connection says is heard by another: both got the same session in turn."""
    import psycopg2
    from django.db import connection

    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    with closing(psycopg2.connect(**parameters)) as first, closing(psycopg2.connect(**parameters)) as second:
        first.autocommit = second.autocommit = True
        with first.cursor() as one, second.cursor() as other:
            one.execute("SET helpdesk.probe = 'first'")
            other.execute("SELECT current_setting('helpdesk.probe', true)")
            return bool(other.fetchone()[0] == "first")


def migrations() -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    known = executor.loader.graph.nodes
    unknown = sorted(f"{app}.{name}" for app, name in executor.loader.applied_migrations if (app, name) not in known)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield judge.migrations(missing=missing, unknown=unknown)


def redis() -> Iterator[Finding]:
    from django.conf import settings
    from redis import Redis, ResponseError

    client = Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
    client.ping()
    yield good("Redis answers")
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy") or "noeviction"
        appendonly = client.config_get("appendonly").get("appendonly") or "yes"
    except ResponseError:  # a managed server that hides CONFIG
        return
    yield from judge.redis_settings(policy=policy, appendonly=appendonly)


def doors() -> Iterator[Finding]:
    from django.conf import settings

    name = f"port {settings.SMTP_PORT}"
    with socket.socket() as wire:
        wire.settimeout(3)
        if wire.connect_ex((settings.SMTP_BIND, settings.SMTP_PORT)):
            yield judge.door(name, answers=False)
        else:
            greeting = wire.recv(200).decode("ascii", "replace").strip()
            yield judge.door(name, answers=True, greeting=greeting)


def mailboxes() -> Iterator[Finding]:
    """As their processes last said; nobody signs in anywhere for this."""
    from channels_app.models import DoorState
    from channels_app.words import told

    for state in DoorState.objects.exclude(trouble="").select_related("channel"):
        name = state.channel.address if state.channel else str(state.door)
        words = told(state.trouble)
        yield bad(f"{name}: {words.what}", "mail does not come in there", str(words.cure))


def way_out() -> Iterator[Finding]:
    from channels_app.probes.relay import look_at_relay
    from channels_app.way_out import Source, in_force
    from channels_app.words import told

    found = in_force()
    if found.source == Source.DEMO:
        return
    trouble = found.trouble or (look_at_relay(found.relay).trouble if found.relay else "no_relay")
    if trouble:
        words = told(trouble)
        yield bad(f"outgoing mail: {words.what}", "no answer can leave", str(words.cure))
    else:
        yield good("the relay takes outgoing mail")


def records() -> Iterator[Finding]:
    """What our domains publish, as the page of the mail's health sees it."""
    from channels_app import dns_check
    from channels_app.policies.dns_records import Verdict
    from channels_app.words import RECORDS

    for domain in dns_check.domains():
        wanted = {record.kind: record for record in dns_check.wanted(domain)}
        for seen in dns_check.look(domain):
            name, record = f"{domain} {seen.kind.upper()}", wanted[seen.kind]
            if seen.verdict is Verdict.PRESENT:
                yield good(f"{name} is published")
                continue
            words = RECORDS[seen.reason]
            cure = f"{words.cure} {record.name} {record.type} {record.value}"
            yield warning(f"{name}: {words.what}", "other servers may take our answers for forged", cure)


def work() -> Iterator[Finding]:
    from events import bookkeeping
    from events.models import Heartbeat

    moment = now()
    entries = bookkeeping.entries(now=moment)
    beat = Heartbeat.objects.filter(name=bookkeeping.WORK).values_list("at", flat=True).first()
    relay = max((entry.checked_at for entry in entries), default=None)
    yield judge.silence(work=moment - beat if beat else None, relay=moment - relay if relay else None)
    if all(entry.is_stale for entry in entries):
        return  # the relay does not run, which was just said
    for entry in entries:
        if entry.is_red:
            since = (entry.red_since or entry.checked_at).strftime("%d.%m %H:%M UTC")
            yield judge.book(entry.name, count=entry.count, since=since, is_stale=entry.is_stale)
    if not any(entry.is_red for entry in entries):
        yield good(f"{len(entries)} books add up")


def backups() -> Iterator[Finding]:
    from django.conf import settings

    from ops.models import Backup

    last = Backup.objects.order_by("-made_at").first()
    age = now() - last.made_at if last else None
    yield judge.backup(age=age, damaged=last.damaged if last else 0, is_demo=settings.DEMO)


def files() -> Iterator[Finding]:
    from core import blobs
    from ops.recount import missing_files, orphans

    if missing := missing_files():
        why = "tickets name them, and nobody can open them"
        yield bad(f"{len(missing)} files are gone", why, f"bring them back from a backup: blobs/…/{min(missing)}")
    found = orphans(before=now() - ORPHAN_AGE)
    yield judge.orphans(count=len(found), size_bytes=sum(blobs.size_of(digest) for digest in found))


def waiting_for_people() -> Iterator[Finding]:
    from channels_app import queries
    from tickets.services import numbering

    moment = now()
    count = queries.quarantine_age(moment).count
    yield judge.quarantine(count=count, overdue=queries.quarantine_overdue(moment))
    yield judge.numbers(place=numbering.place())


def production() -> Iterator[Finding]:
    from django.conf import settings
    from django.core.checks import WARNING, run_checks

    if settings.DEMO:
        yield good("demo: public passwords, mail stays in /demo/mailbox/")
        return
    if len(settings.SECRET_KEY) < LONG_SECRET:
        cure = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        yield bad("SECRET_KEY is short", "sessions and stored passwords can be guessed open", cure)
    if not settings.SITE_URL.startswith("https://"):
        cure = "put a TLS proxy in front and set SITE_URL to https://"
        yield warning(f"SITE_URL is {settings.SITE_URL}", "sessions travel in the clear", cure)
    for message in run_checks(include_deployment_checks=True):
        if message.level >= WARNING and not message.is_silenced():
            yield warning(f"{message.id}: {message.msg}", "", message.hint or "see Django's deployment checklist")


# Each check, and the cure when it cannot even be made.
BEFORE_SERVERS: tuple[tuple[Check, str], ...] = (
    (environment, "delete .venv and start again"),
    (data_directory, "name a folder you own in HELPDESK_DATA_DIR"),
)
WITH_SERVERS: tuple[tuple[Check, str], ...] = (
    (database, "check DATABASE_URL, and that the server runs and lets this machine in"),
    (migrations, "make the database answer first"),
    (redis, "check REDIS_URL, and that the server runs; mail is accepted meanwhile"),
    (doors, "check HELPDESK_SMTP_BIND and HELPDESK_SMTP_PORT"),
    (mailboxes, "python3 manage.py prepare"),
    (way_out, "check EMAIL_URL"),
    (records, "check HELPDESK_DNS"),
    (work, "python3 manage.py prepare"),
    (backups, "python3 manage.py prepare"),
    (files, "check that blobs/ in the data folder can be read"),
    (waiting_for_people, "python3 manage.py prepare"),
    (production, "set what the line names in the environment or .env"),
)
