"""What a desk needs done before its processes start: tables, catalogues, static files, demo company."""

import contextlib
import hashlib
import io
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command


def compile_catalogues() -> None:
    """Make each .mo that is older than its .po; without GNU gettext, which bare machines lack."""
    for directory in settings.LOCALE_PATHS:
        for source in Path(directory).glob("*/LC_MESSAGES/*.po"):
            compiled = source.with_suffix(".mo")
            if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
                continue
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parent.parent.name)
            fresh = compiled.with_suffix(".new")
            with fresh.open("wb") as file:
                write_mo(file, catalogue)
            fresh.rename(compiled)


def collect_static() -> None:
    """Gather and compress the static files, unless nothing changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".stamp"
    digest = _static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
    stamp.write_text(digest)


def _static_digest() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            digest.update(f"{name} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def everything(say: Callable[[str], None]) -> dict[str, Any]:
    """All of it, in order. Returns what people are told about the demo company, empty outside a demo."""
    say("updating the tables")
    call_command("migrate", interactive=False, verbosity=0)
    compile_catalogues()
    collect_static()
    if not settings.DEMO:
        return {}
    if not find_spec("ops.demo") or not find_spec("ops.demo.company"):
        return {}
    from core.clock import now

    say("looking after the demo company")
    company = import_module("ops.demo.company")
    company.ensure_demo(now=now())
    with contextlib.suppress(AttributeError):
        return dict(company.notice())
    return {}
