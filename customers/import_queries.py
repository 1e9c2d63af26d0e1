"""Imports for the pages and the report. The confidential values of a line never leave this way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404

from customers.models import ImportLine, ImportRun, RunState
from customers.policies.importing import Verdict
from staff.actor import Actor
from staff.models import StaffProfile
from staff.roles import Perm


@dataclass(frozen=True, slots=True)
class RunView:
    public_id: UUID
    kind: str
    state: str
    failure: str
    filename: str
    size_bytes: int
    encoding: str
    separator: str
    headers: tuple[str, ...]
    mapping: tuple[str, ...]
    by: str
    created_at: datetime
    finished_at: datetime | None
    counts: tuple[tuple[str, int], ...]  # (verdict, lines)
    applied: int
    done_percent: int  # of the reading or of the applying
    has_lines: bool  # a week after the end they are forgotten

    @property
    def is_at_work(self) -> bool:
        return self.state in (RunState.READING, RunState.APPLYING)

    @property
    def to_apply(self) -> int:
        counts = dict(self.counts)
        return counts[Verdict.CREATED] + counts[Verdict.CHANGED]


@dataclass(frozen=True, slots=True)
class LineView:
    number: int
    verdict: str
    is_applied: bool
    problems: tuple[tuple[str, str, str], ...]  # (field, code, cell)
    changes: tuple[tuple[str, str, str], ...]  # (field, before, after)


def runs(actor: Actor, *, limit: int = 50) -> list[RunView]:
    """The latest imports. Two queries."""
    _require_right(actor)
    rows = list(ImportRun.objects.order_by("-id")[:limit])
    names = _names({row.by for row in rows})
    return [_view(row, names) for row in rows]


def run(actor: Actor, public_id: UUID) -> RunView:
    row = _run(actor, public_id)
    return _view(row, _names({row.by}))


def lines(actor: Actor, public_id: UUID, *, verdict: str, after: int = 0, limit: int = 100) -> list[LineView]:
    """In the order of the file, from behind line `after`."""
    row = _run(actor, public_id)
    found = ImportLine.objects.filter(run=row, verdict=verdict, number__gt=after).defer("values").order_by("number")
    return [_line(line) for line in found[:limit]]


def report(actor: Actor, public_id: UUID) -> Iterator[LineView]:
    """Every line with a word to say, in the order of the file; read as it is asked for."""
    row = _run(actor, public_id)
    told = ImportLine.objects.filter(run=row).exclude(verdict=Verdict.UNCHANGED).defer("values").order_by("number")
    return (_line(line) for line in told.iterator(2000))


def _run(actor: Actor, public_id: UUID) -> ImportRun:
    _require_right(actor)
    row = ImportRun.objects.filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def _require_right(actor: Actor) -> None:
    if not actor.may(Perm.SET_UP):
        raise Http404


def _names(keys: set[str]) -> dict[str, str]:
    ids = [int(key.removeprefix("staff:")) for key in keys if key.startswith("staff:")]
    return {f"staff:{pk}": name for pk, name in StaffProfile.objects.filter(pk__in=ids).values_list("pk", "name")}


def _view(row: ImportRun, names: dict[str, str]) -> RunView:
    to_apply = row.created + row.changed
    parts = {
        RunState.READING.value: row.read_bytes * 100 // max(row.size_bytes, 1),
        RunState.APPLYING.value: row.applied * 100 // max(to_apply, 1),
    }
    return RunView(
        public_id=row.public_id,
        kind=row.kind,
        state=row.state,
        failure=row.failure,
        filename=row.filename,
        size_bytes=row.size_bytes,
        encoding=row.encoding,
        separator=row.separator,
        headers=tuple(row.headers),
        mapping=tuple(row.mapping),
        by=names.get(row.by, ""),
        created_at=row.created_at,
        finished_at=row.finished_at,
        counts=tuple((verdict.value, getattr(row, verdict.value)) for verdict in Verdict),
        applied=row.applied,
        done_percent=min(parts.get(row.state, 100), 100),
        has_lines=bool(row.digest) and row.state != RunState.MAPPING,
    )


def _line(line: ImportLine) -> LineView:
    return LineView(
        line.number,
        line.verdict,
        line.is_applied,
        problems=tuple((field, code, cell) for field, code, cell in line.problems),
        changes=tuple((field, _shown(before), _shown(after)) for field, (before, after) in line.changes.items()),
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(part[1] if isinstance(part, list) else part) for part in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value)
