"""What a desk needs done before its processes start: tables, catalogues, static files, demo company."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from channels_app import mailboxes, way_out
from core.clock import now
from ops import mode
from ops.catalogues import compile_catalogues
from tickets.services import secrets
from users import sign_on


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
    for directory in settings.LOCALE_PATHS:
        compile_catalogues(Path(directory))
    collect_static()
    mode.settle()
    mailboxes.seal_passwords_anew()
    way_out.seal_password_anew()
    sign_on.seal_keys_anew()
    secrets.seal_anew_all()
    if not settings.DEMO:
        return {}
    from ops.demo import company

    say("looking after the demo company")
    company.ensure_demo(now=now())
    return company.notice()
