"""The worker's half of an import: read and judge, apply, a slice at a time.

A slice is one transaction that also says how far it came, so a process that dies loses at most the slice it was in,
and nothing is done twice.
"""

import itertools
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from core import blobs
from customers.event_types import AccountImported, ImportBegun, ImportEnded
from customers.models import ImportKey, ImportLine, ImportRun, RunState
from customers.policies.cells import Office, Problem, read_line
from customers.policies.columns import ImportKind
from customers.policies.csv_reading import (
    Dialect,
    Place,
    Record,
    records,
)
from customers.policies.importing import Judgement, Verdict, judge, keys_of
from customers.services import confidential
from customers.services.import_lookup import look_up
from customers.services.import_writing import write
from events import outbox

log = logging.getLogger(__name__)

READ_AT_ONCE = 1000
APPLY_AT_ONCE = 500
BELL = "bell imports"
_ONE_WRITER = 0x696D706F  # the number of an advisory lock: lines of two runs never meet
_APPLIED = (Verdict.CREATED.value, Verdict.CHANGED.value)


def begin_applying(run: ImportRun, *, by: str, now: datetime) -> None:
    run.state = RunState.APPLYING
    run.save()
    begun = ImportBegun(run_id=run.pk, kind=run.kind, created=run.created, changed=run.changed, bad=run.bad)
    outbox.record(begun, by=by, now=now)
    outbox.ring(BELL)


def end(run: ImportRun, state: RunState, *, by: str, now: datetime, failure: str = "") -> None:
    run.state, run.finished_at, run.failure = state, now, failure
    run.save()
    ImportKey.objects.filter(run=run).delete()
    outbox.record(ImportEnded(run_id=run.pk, kind=run.kind, state=state, applied=run.applied), by=by, now=now)


def has_work(now: datetime) -> bool:
    return ImportRun.objects.filter(state__in=(RunState.READING, RunState.APPLYING)).exists()


def work(*, now: datetime) -> bool:
    """One slice of the oldest run at work, under a second or two. False when there is none to do."""
    run = ImportRun.objects.filter(state__in=(RunState.READING, RunState.APPLYING)).order_by("id").first()
    if run is None:
        return False
    if run.state == RunState.READING:
        _read_slice(run, now=now)
    else:
        _apply_slice(run.pk, now=now)
    return True


def _read_slice(seen: ImportRun, *, now: datetime) -> None:
    """The file is read outside the transaction; if somebody else read the same lines meanwhile, theirs count."""
    try:
        with blobs.open_blob(seen.digest) as file:
            place = Place(seen.read_bytes, seen.read_lines + 1)
            every = records(file, Dialect(seen.encoding, seen.separator), place=place)
            taken = list(itertools.islice(every, READ_AT_ONCE))
    except FileNotFoundError:
        taken = None
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(skip_locked=True).filter(pk=seen.pk).first()
        if run is None or (run.state, run.read_bytes) != (RunState.READING, seen.read_bytes):
            return
        if taken is None:
            end(run, RunState.FAILED, by=run.by, now=now, failure="file_gone")
            return
        _judge_records(run, taken, now=now)
        if taken:
            run.read_bytes, run.read_lines = taken[-1].end.offset, taken[-1].end.line - 1
        if len(taken) == READ_AT_ONCE:
            run.save()
            outbox.ring(BELL)
        elif run.is_applied_at_once:
            begin_applying(run, by=run.by, now=now)
        else:
            run.state = RunState.READY
            run.save()


def _judge_records(run: ImportRun, taken: Sequence[Record], *, now: datetime) -> None:
    kind = ImportKind(run.kind)
    office = Office(now=now, region=settings.PHONE_REGION, area_code=settings.PHONE_AREA_CODE)
    rows, readable = [], []
    for record in taken:
        if record.fault:
            values: dict[str, Any] = {}
            problems = [Problem("", record.fault)]
        else:
            values, problems = read_line(kind, run.mapping, record.cells, office=office)
        row = ImportLine(run=run, number=record.number, values=values, verdict=Verdict.BAD)
        row.problems = _as_json(problems)
        rows.append(row)
        if not problems:
            readable.append(row)
    on_file = look_up(kind, [row.values for row in readable], now=now)
    judged = [(row, judge(kind, row.values, on_file)) for row in readable]
    firsts = _first_lines(run, kind, judged)
    for row, judgement in judged:
        _write_down(row, judgement)
        first = firsts.get(row.number)
        if judgement.verdict is not Verdict.BAD and first is not None:
            row.verdict, row.changes = Verdict.DUPLICATE, {}
            row.problems = _as_json([Problem("", "same_as_line", str(first))])
    for row in rows:
        _count(run, row.verdict, 1)
        if row.verdict not in _APPLIED:
            row.values = {}  # nobody needs them any more
    ImportLine.objects.bulk_create(rows)


def _first_lines(run: ImportRun, kind: ImportKind, judged: Sequence[tuple[ImportLine, Judgement]]) -> dict[int, int]:
    """For each line that repeats an earlier one of the file: the number of that."""
    keys = {
        row.number: keys_of(kind, row.values, judgement)
        for row, judgement in judged
        if judgement.verdict is not Verdict.BAD
    }
    ImportKey.objects.bulk_create(
        [ImportKey(run=run, key=key[:400], number=number) for number, several in keys.items() for key in several],
        ignore_conflicts=True,
    )
    named = {key[:400] for several in keys.values() for key in several}
    owners = dict(ImportKey.objects.filter(run=run, key__in=named).values_list("key", "number"))
    firsts = {number: min(owners[key[:400]] for key in several) for number, several in keys.items()}
    return {number: first for number, first in firsts.items() if first < number}


@transaction.atomic
def _apply_slice(run_id: int, *, now: datetime) -> None:
    run = ImportRun.objects.select_for_update(skip_locked=True).filter(pk=run_id, state=RunState.APPLYING).first()
    if run is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_WRITER])
    waiting = ImportLine.objects.filter(run=run, verdict__in=_APPLIED, number__gt=run.applied_to).order_by("number")
    lines = list(waiting[:APPLY_AT_ONCE])
    try:
        with transaction.atomic():
            _apply(run, lines, now=now)
    except DatabaseError:
        log.warning("import=%s lines=%s refused=together", run.pk, len(lines))
        for line in lines:
            _apply_alone(run, line, now=now)
    if len(lines) == APPLY_AT_ONCE:
        run.applied_to = lines[-1].number
        run.save()
        outbox.ring(BELL)
    else:
        end(run, RunState.DONE, by=run.by, now=now)


def _apply_alone(run: ImportRun, line: ImportLine, *, now: datetime) -> None:
    """Somebody else wrote between our look and our writing, or a constraint knows what our rules do not."""
    try:
        with transaction.atomic():
            _apply(run, [line], now=now)
    except DatabaseError:
        log.exception("import=%s line=%s refused", run.pk, line.number)
        _count(run, line.verdict, -1)
        _write_down(line, Judgement(Verdict.BAD, problems=[Problem("", "refused_by_database")]))
        _count(run, line.verdict, 1)
        line.save()


def _apply(run: ImportRun, lines: Sequence[ImportLine], *, now: datetime) -> None:
    """Judged once more, for much may have happened since the dry run; what it says now is what is done."""
    kind = ImportKind(run.kind)
    on_file = look_up(kind, [line.values for line in lines], now=now)
    judged = [(line, judge(kind, line.values, on_file)) for line in lines]
    to_write = [(line, judgement) for line, judgement in judged if judgement.verdict in _APPLIED]
    addressed = [
        judgement.account_id
        for _, judgement in to_write
        if judgement.account_id is not None and "administrative_email" in judgement.changes
    ]
    before = confidential.on_file(addressed) if addressed else {}
    ids = write(kind, [(line.values, judgement) for line, judgement in to_write], on_file, now=now)
    if addressed:
        confidential.record_replaced(before, confidential.on_file(addressed), by=run.by, now=now)
    outbox.record(
        *(
            AccountImported(
                account_id=account_id,
                run_id=run.pk,
                line=line.number,
                kind=kind,
                is_new=judgement.verdict is Verdict.CREATED,
                fields=tuple(sorted(judgement.changes)),
            )
            for account_id, (line, judgement) in zip(ids, to_write, strict=True)
        ),
        by=run.by,
        now=now,
    )
    ImportLine.objects.filter(pk__in=[line.pk for line, _ in to_write]).update(is_applied=True, values={})
    for line, judgement in judged:
        if judgement.verdict != line.verdict:  # since the dry run somebody else was here
            _count(run, line.verdict, -1)
            _count(run, judgement.verdict, 1)
            _write_down(line, judgement)
            line.save(update_fields=["verdict", "changes", "problems"])
    run.applied += len(to_write)


def _write_down(line: ImportLine, judgement: Judgement) -> None:
    line.verdict = judgement.verdict
    line.changes = dict(judgement.changes)
    line.problems = _as_json(judgement.problems)


def _as_json(problems: Sequence[Problem]) -> list[Any]:
    return [[problem.field, problem.code, problem.cell] for problem in problems]


def _count(run: ImportRun, verdict: str, by: int) -> None:
    name = Verdict(verdict).value
    setattr(run, name, getattr(run, name) + by)
