"""`manage.py lint`: THE list of checks. Each is a command a person can run by hand."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ops import embedded

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "lint-only-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnop"  # noqa: S105
DEVELOPMENT = {
    "SECRET_KEY": SECRET,
    "HELPDESK_DEMO": "1",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost",
    "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
}
PRODUCTION = DEVELOPMENT | {
    "HELPDESK_DEMO": "0",
    "SITE_URL": "https://desk.example.com",
    "ALLOWED_HOSTS": "desk.example.com",
    "EMAIL_URL": "smtp://127.0.0.1:25",
}


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=lambda: DEVELOPMENT)


def _steps() -> list[Step]:
    python, manage = sys.executable, [sys.executable, "manage.py"]
    templates = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]
    steps = [
        Step("style", [python, "-m", "ruff", "check", "--quiet", "."]),
        Step("format", [python, "-m", "ruff", "format", "--check", "--quiet", "."]),
        Step("types", [python, "-m", "mypy", "--no-error-summary", "."]),
        Step("imports point down", [python, "-c", "from importlinter.cli import lint_imports_command as run; run()"]),
        Step("migrations made", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("ready to deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Step("translations", [python, "-m", "ops.lint.translations"]),
    ]
    if templates:
        steps.append(
            Step("templates", [str(Path(python).with_name("djade")), "--check", "--target-version", "5.2", *templates])
        )
    return steps


def lint(arguments: Sequence[str]) -> int:
    """Run all steps, or those whose names are given; say which failed."""
    chosen = [step for step in _steps() if not arguments or step.name in arguments]
    with tempfile.TemporaryDirectory(prefix="helpdesk-lint-") as directory:
        servers = embedded.start(Path(directory), durable=False, environ={})
        try:
            failed = [
                step.name for step in chosen if not _passes(step, {**servers.env, "HELPDESK_DATA_DIR": directory})
            ]
        finally:
            servers.stop()
    print(f"lint: {len(chosen) - len(failed)} passed" + (f", failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _passes(step: Step, env: Mapping[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        step.command, cwd=ROOT, env={**os.environ, **step.env, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{step.name:<20} {verdict:<7} {time.monotonic() - began:5.1f} s", flush=True)
    if done.returncode:
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.flush()
    return done.returncode == 0
