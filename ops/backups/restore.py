"""Restoring a desk: everything is put together beside, checked, and then switched in one transaction."""

import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.files.base import File
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from channels_app.models import RawMessage
from core import blobs
from core.models import Installation
from events import worker
from ops.backups import gently, manifest, postgres
from ops.backups.gently import Progress
from ops.backups.manifest import Manifest
from ops.recount import Line, recount
from tickets.services import auto_reply, numbering

BESIDE, BEFORE = "_restoring", "_before_restore"


class Refused(Exception):
    """Nothing was changed. The text says why and what to do."""


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    next_number_place: int
    uncertain: int  # letters that may or may not have left after the backup was made
    broken: list[str]  # files that could not be brought back
    kept: str  # the database there was before, "" when it was empty
    books: list[Line]


def restore(folder: Path, *, replace: bool, accept_damage: bool, progress: Progress, now: datetime) -> Restored:
    """Raises `Refused`, `NotWhole` or `postgres.Trouble`; then the desk is what it was."""
    told = manifest.read(folder)
    has_data = _refuse(told, replace=replace)
    broken = manifest.verify(folder, told, progress.tell)
    if broken and not accept_damage:
        raise manifest.NotWhole(
            f"{len(broken)} files of {folder} are missing or damaged, the first is {broken[0]}; "
            "--accept-damage restores all the rest"
        )
    place = _numbers_so_far() if has_data else 0
    ours = connection.settings_dict["NAME"]
    beside = ours + BESIDE
    try:
        postgres.create_like_ours(beside)
        postgres.fill(beside, folder / manifest.DATABASE, progress.tell)
        with postgres.pointed_at(beside):
            progress.tell("comparing rows")
            _compare(told)
            call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
            next_place = numbering.jump(at_least=place)
            uncertain = worker.doubt_unfinished(
                now=now, reason=f"restored from the backup of {told.made_at}: it may have left since"
            )
            auto_reply.forget_summaries()
            Session.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        _bring_blobs(folder, told, set(broken), progress)
        if count := postgres.others_connected():
            raise Refused(_still_runs(count))
        postgres.switch(beside=beside, kept=ours + BEFORE)
    except BaseException:
        with suppress(postgres.Trouble):
            postgres.drop(beside)
        raise
    if not has_data:
        postgres.drop(ours + BEFORE)
    _bring_keys(folder, told)
    progress.tell("recounting the books")
    kept = ours + BEFORE if has_data else ""
    return Restored(told, next_place, uncertain, broken + told.damaged, kept, recount(now=now))


def _refuse(told: Manifest, *, replace: bool) -> bool:
    """Whether there is something here that would be replaced. Raises `Refused`."""
    if count := postgres.others_connected():
        raise Refused(_still_runs(count))
    known = MigrationExecutor(connection).loader.graph.nodes
    if newer := manifest.newer_than(told, known):
        raise Refused(
            f"the backup is of version {told.version}, newer than this one: it has {newer[0]}"
            f"{f' and {len(newer) - 1} more changes' if newer[1:] else ''} that this code does not know. Upgrade first"
        )
    if postgres.server_major() < told.postgres:
        raise Refused(f"the backup is from PostgreSQL {told.postgres}; this server is {postgres.server_major()}")
    if told.is_demo != settings.DEMO:
        is_what = "a demo" if told.is_demo else "a real desk"
        raise Refused(f"the backup is of {is_what}: start with HELPDESK_DEMO={int(told.is_demo)}")
    has_data = _has_data()
    if has_data and not replace:
        raise Refused("there is a desk with data here already: --replace puts the backup in its place")
    return has_data


def _still_runs(count: int) -> str:
    return f"the desk still runs ({count} connections to its database): stop every process of it first"


def _has_data() -> bool:
    tables = connection.introspection.table_names()
    return any(
        model._meta.db_table in tables and model._default_manager.exists()
        for model in (get_user_model(), RawMessage, Installation)
    )


def _numbers_so_far() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('tickets_number_seq') IS NOT NULL")
        return numbering.place() if cursor.fetchone()[0] else 0


def _compare(told: Manifest) -> None:
    found = postgres.rows_of_tables()
    if different := sorted(name for name in found.keys() | told.tables if found.get(name) != told.tables.get(name)):
        name = different[0]
        raise Refused(f"table {name} has {found.get(name)} rows instead of {told.tables.get(name)}: not restored")


def _bring_blobs(folder: Path, told: Manifest, broken: set[str], progress: Progress) -> None:
    """Files are named by what is in them, so those that are here already are the same."""
    here = set(blobs.stored())
    for place, (digest, _) in enumerate(manifest.blobs(folder), start=1):
        progress.tell(f"file {place} of {told.blob_count}")
        if digest not in broken and digest not in here:
            with (folder / manifest.path_of(digest)).open("rb") as file:
                blobs.put_file(digest, File(file))


def _bring_keys(folder: Path, told: Manifest) -> None:
    """Each by a rename; what was there before and differs stays beside it."""
    for name in told.files:
        kind, _, rest = name.partition("/")
        if kind != "keys":
            continue
        target, source = settings.DATA_DIR / rest, folder / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists() and target.read_bytes() != source.read_bytes():
            shutil.copy2(target, target.with_name(f"{target.name}.before-restore"))
        fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(source.read_bytes())
            file.flush()
            os.fsync(handle)
        fresh.rename(target)
        gently.sync_folder(target.parent)
