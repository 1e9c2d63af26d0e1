"""What a person does with an import: give the file, name its columns, read the dry run, have it applied, stop it.

Lines are applied one by one and not all or none: a hundred thousand of them would hold their rows for minutes, and
one bad line of a billing system would keep every good one out (docs/adr/0010-an-import-goes-line-by-line.md).
"""

import itertools
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Concat
from django.http import Http404

from core import blobs
from customers.models import ImportKey, ImportLine, ImportRun, RunState
from customers.policies.columns import ImportKind, faults_of, guessed
from customers.policies.csv_reading import (
    ENCODINGS,
    SAMPLE_BYTES,
    SEPARATORS,
    Dialect,
    NotCsv,
    Place,
    recognised,
    records,
    transcoded,
)
from customers.services import import_work
from events import outbox
from staff.actor import Actor
from staff.roles import Perm

MOST_BYTES = 25 * 1024 * 1024
_ENDED = (RunState.DONE, RunState.STOPPED, RunState.FAILED)


class Refused(Exception):
    """Something the person can put right; `code` is worded on the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take(content: bytes, *, filename: str, kind: ImportKind, by: Actor) -> UUID:
    """Keeps the file and what it looks like; nothing is read yet. Raises `Refused` when it is no CSV."""
    _require_right(by)
    if len(content) > MOST_BYTES:
        raise Refused("file_too_large")
    try:
        dialect = recognised(content[:SAMPLE_BYTES])
    except NotCsv as fault:
        raise Refused(fault.code) from None
    if dialect.encoding not in ENCODINGS:
        content, dialect = transcoded(content, dialect.encoding), Dialect("utf-8", dialect.separator)
    blob = blobs.put(content)
    run = ImportRun(
        kind=kind,
        filename=filename.replace("\0", "")[:200],
        digest=blob.digest,
        size_bytes=blob.size_bytes,
        encoding=dialect.encoding,
        separator=dialect.separator,
        by=by.key,
    )
    _look_at_headers(run)
    run.save()
    return run.public_id


def look_again(public_id: UUID, *, encoding: str, separator: str, by: Actor) -> None:
    """Another encoding or separator than the one recognised; the columns are guessed anew."""
    _require_right(by)
    if encoding not in ENCODINGS or separator not in SEPARATORS:
        raise Refused("unknown_dialect")
    with transaction.atomic():
        run = _locked(public_id, RunState.MAPPING)
        run.encoding, run.separator = encoding, separator
        _look_at_headers(run)
        run.save()


def _look_at_headers(run: ImportRun) -> None:
    with blobs.open_blob(run.digest) as file:
        header = next(records(file, Dialect(run.encoding, run.separator)), None)
    if header is None or header.fault:
        raise Refused("no_header")
    run.read_bytes, run.read_lines = header.end.offset, header.end.line - 1
    run.headers = [cell.replace("\0", "").strip()[:100] for cell in header.cells]
    run.mapping = guessed(ImportKind(run.kind), run.headers)


def samples(public_id: UUID, *, number: int = 3) -> list[tuple[str, ...]]:
    """The first lines behind the header, as the dialect chosen reads them."""
    run = ImportRun.objects.get(public_id=public_id)
    with blobs.open_blob(run.digest) as file:
        place = Place(run.read_bytes, run.read_lines + 1)
        found = itertools.islice(records(file, Dialect(run.encoding, run.separator), place=place), number)
        return [tuple(cell.replace("\0", "\u2423")[:80] for cell in record.cells) for record in found]


@transaction.atomic
def begin_reading(public_id: UUID, *, mapping: Sequence[str], by: Actor, applies_at_once: bool = False) -> None:
    """The dry run begins. `mapping` gives the field of each column, "" for one to leave out."""
    _require_right(by)
    run = _locked(public_id, RunState.MAPPING)
    if len(mapping) != len(run.headers):
        raise Refused("mapping_does_not_fit")
    if faults := faults_of(ImportKind(run.kind), mapping):
        raise Refused(faults[0])
    run.mapping, run.state, run.is_applied_at_once = list(mapping), RunState.READING, applies_at_once
    run.save()
    outbox.ring(import_work.BELL)


@transaction.atomic
def begin_applying(public_id: UUID, *, by: Actor, now: datetime) -> None:
    _require_right(by)
    import_work.begin_applying(_locked(public_id, RunState.READY), by=by.key, now=now)


@transaction.atomic
def stop(public_id: UUID, *, by: Actor, now: datetime) -> None:
    """Ends a run wherever it is; what was applied stays, and the same file goes on where it was left."""
    _require_right(by)
    run = _locked(public_id)
    if run.state in _ENDED:
        raise Refused("already_ended")
    import_work.end(run, RunState.STOPPED, by=by.key, now=now)


def old(before: datetime) -> QuerySet[ImportRun]:
    """Runs that ended, or that nobody went on with."""
    left = Q(state__in=(RunState.MAPPING, RunState.READY), created_at__lt=before)
    return ImportRun.objects.filter(left | Q(finished_at__lt=before)).exclude(digest="").order_by("pk")


def about(pattern: str) -> tuple[frozenset[int], bool]:
    """Runs with a line in which this is found, and whether one of them is at work."""
    fields = Concat(*(Cast(name, TextField()) for name in ("values", "changes", "problems")))
    runs = set(ImportLine.objects.alias(words=fields).filter(words__iregex=pattern).values_list("run_id", flat=True))
    runs |= set(ImportKey.objects.filter(key__iregex=pattern).values_list("run_id", flat=True))
    at_work = ImportRun.objects.filter(pk__in=runs, state__in=(RunState.READING, RunState.APPLYING))
    return frozenset(runs), at_work.exists()


def forget(run_ids: Collection[int], *, now: datetime) -> frozenset[str]:
    """In the caller's transaction. A run is only counts then: neither its lines nor its file, whose digest is given."""
    runs = ImportRun.objects.filter(pk__in=run_ids)
    digests = frozenset(runs.exclude(digest="").values_list("digest", flat=True))
    ImportLine.objects.filter(run__in=run_ids).delete()
    ImportKey.objects.filter(run__in=run_ids).delete()
    runs.filter(finished_at=None).update(state=RunState.STOPPED, finished_at=now)
    runs.update(digest="", headers=[], mapping=[])
    return digests


def _require_right(by: Actor) -> None:
    if not by.may(Perm.SET_UP):
        raise PermissionError("imports are for those who set the desk up")


def _locked(public_id: UUID, state: RunState | None = None) -> ImportRun:
    run = ImportRun.objects.select_for_update().filter(public_id=public_id).first()
    if run is None:
        raise Http404
    if state is not None and run.state != state:
        raise Refused("already_further")
    return run
