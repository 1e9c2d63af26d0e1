"""Customers from a file: give it, choose the columns, read the dry run, have it applied."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from core.spreadsheets import as_csv
from customers import import_queries as queries
from customers import import_words as words
from customers.import_queries import LineView, RunView
from customers.policies.columns import FIELDS, ImportKind
from customers.policies.importing import Verdict
from customers.services import importing
from customers.services.importing import Refused
from web.setup.access import for_administrators
from web.shared.numbers import number_in
from web.shared.requests import DeskRequest

LINES = 100
SHOWN_FIRST = (Verdict.BAD, Verdict.DUPLICATE, Verdict.CHANGED, Verdict.CREATED)


@dataclass(frozen=True, slots=True)
class Column:
    number: int
    header: str
    field: str
    samples: tuple[str, ...]


@require_safe
@for_administrators
def overview(request: DeskRequest) -> HttpResponse:
    return _overview(request)


def _overview(request: DeskRequest, *, refusal: str = "", kind: str = "", status: int = 200) -> HttpResponse:
    context = {
        "runs": [
            (run, words.word(words.KINDS, run.kind), words.word(words.STATES, run.state))
            for run in queries.runs(request.actor)
        ],
        "kinds": words.KINDS.items(),
        "kind": kind,
        "errors": {"file": words.word(words.REFUSALS, refusal)} if refusal else {},
    }
    return render(request, "setup/imports.html", context, status=status)


@require_POST
@for_administrators
def files(request: DeskRequest) -> HttpResponse:
    kind, file = request.POST.get("kind", ""), request.FILES.get("file")
    try:
        if kind not in set(ImportKind):
            raise Refused("unknown_kind")
        if file is None:
            raise Refused("no_file")
        if (file.size or 0) > importing.MOST_BYTES:
            raise Refused("file_too_large")
        public_id = importing.take(file.read(), filename=file.name or "", kind=ImportKind(kind), by=request.actor)
    except Refused as refusal:
        return _overview(request, refusal=refusal.code, kind=kind, status=409)
    return redirect("setup:import_run", public_id)


@require_safe
@for_administrators
def run(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _run(request, public_id)


def _run(
    request: DeskRequest, public_id: UUID, *, refusal: str = "", chosen: list[str] | None = None, status: int = 200
) -> HttpResponse:
    shown = queries.run(request.actor, public_id)
    context: dict[str, Any] = {
        "run": shown,
        "kind": words.word(words.KINDS, shown.kind),
        "state": words.word(words.STATES, shown.state),
        "failure": words.word(words.REFUSALS, shown.failure),
        "errors": {"columns": words.word(words.REFUSALS, refusal)} if refusal else {},
    }
    if shown.state == "mapping":
        context |= _mapping(shown, chosen)
        return render(request, "setup/import_mapping.html", context, status=status)
    context |= _lines(request, shown)
    return render(request, "setup/import_run.html", context, status=status)


def _mapping(shown: RunView, chosen: list[str] | None) -> dict[str, Any]:
    rows = importing.samples(shown.public_id)
    mapping = chosen if chosen and len(chosen) == len(shown.headers) else shown.mapping
    return {
        "columns": [
            Column(n, header, field, tuple(row[n] for row in rows if n < len(row)))
            for n, (header, field) in enumerate(zip(shown.headers, mapping, strict=True))
        ],
        "unknown": [header for header, field in zip(shown.headers, shown.mapping, strict=True) if not field],
        "fields": [(name, words.word(words.FIELDS, name)) for name in FIELDS[ImportKind(shown.kind)]],
        "encodings": words.ENCODINGS.items(),
        "separators": words.SEPARATORS.items(),
    }


def _lines(request: DeskRequest, shown: RunView) -> dict[str, Any]:
    """The bad ones first; another kind of line and the next hundred by links."""
    counts = dict(shown.counts)
    asked = request.GET.get("lines", "")
    if asked not in set(Verdict):
        asked = next((verdict for verdict in SHOWN_FIRST if counts[verdict]), Verdict.BAD)
    after = request.GET.get("after", "")
    lines = queries.lines(
        request.actor,
        shown.public_id,
        verdict=asked,
        after=number_in(after) or 0,
        limit=LINES + 1,
    )
    return {
        "counts": [(code, words.word(words.VERDICTS, code), count) for code, count in shown.counts],
        "asked": asked,
        "asked_words": words.word(words.VERDICTS, asked),
        "lines": [(line.number, _told(line)) for line in lines[:LINES]],
        "next_after": lines[LINES - 1].number if len(lines) > LINES else 0,
    }


def _told(line: LineView) -> list[tuple[str, str, str]]:
    """(column, what, cure or what it becomes)"""
    told = [(words.word(words.FIELDS, field), *words.problem(code, cell)) for field, code, cell in line.problems]
    return told + [(words.word(words.FIELDS, field), before, after) for field, before, after in line.changes]


@require_POST
@for_administrators
def dialect(request: DeskRequest, public_id: UUID) -> HttpResponse:
    given = request.POST
    try:
        importing.look_again(
            public_id, encoding=given.get("encoding", ""), separator=given.get("separator", ""), by=request.actor
        )
    except Refused as refusal:
        return _run(request, public_id, refusal=refusal.code, status=409)
    return redirect("setup:import_run", public_id)


@require_POST
@for_administrators
def reading(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The dry run begins with the columns as chosen."""
    chosen = request.POST.getlist("field")
    try:
        importing.begin_reading(public_id, mapping=chosen, by=request.actor)
    except Refused as refusal:
        return _run(request, public_id, refusal=refusal.code, chosen=chosen, status=409)
    return redirect("setup:import_run", public_id)


@require_POST
@for_administrators
def application(request: DeskRequest, public_id: UUID) -> HttpResponse:
    try:
        importing.begin_applying(public_id, by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        messages.success(request, _("The lines are being applied."))
    return redirect("setup:import_run", public_id)


@require_POST
@for_administrators
def stop(request: DeskRequest, public_id: UUID) -> HttpResponse:
    try:
        importing.stop(public_id, by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        messages.success(request, _("Stopped. What was applied stays."))
    return redirect("setup:import_run", public_id)


@require_safe
@for_administrators
def report(request: DeskRequest, public_id: UUID) -> HttpResponseBase:
    """Every line but those without change, as CSV."""
    lines = queries.report(request.actor, public_id)
    head = [_("Line"), _("Verdict"), _("Applied"), _("Column"), _("What, or before"), _("Cure, or after")]
    rows = _report_rows(head, lines)
    response = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{public_id}.csv"'
    return response


def _report_rows(head: list[str], lines: Iterator[LineView]) -> Iterator[list[str]]:
    yield head
    for line in lines:
        start = [str(line.number), words.word(words.VERDICTS, line.verdict), _("yes") if line.is_applied else ""]
        for told in _told(line):
            yield [*start, *told]
