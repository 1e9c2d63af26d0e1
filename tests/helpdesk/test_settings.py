"""Every setting is explained where operators look, and a bad one stops the start with one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"env\.(?:text|number|boolean|words|database)\(\s*\"([A-Z_]+)\"")
NAMES = sorted({name for path in (ROOT / "helpdesk").glob("*.py") for name in READ.findall(path.read_text())})


@pytest.mark.parametrize("place", ["docs/configuration.md", ".env.example"])
@pytest.mark.parametrize("name", NAMES)
def test_a_setting_that_is_read_is_explained(name, place):
    assert re.search(rf"\b{name}\b", (ROOT / place).read_text(encoding="utf-8"))


def start(**changed):
    """`manage.py check` with the tests' environment and some settings changed."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env={**os.environ, **changed}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


SAFE = {
    "HELPDESK_DEMO": "0",
    "SITE_URL": "https://desk.example.com",
    "ALLOWED_HOSTS": "desk.example.com",
    "EMAIL_URL": "smtp://127.0.0.1:25",
}


def test_safe_settings_start_in_production():
    ended = start(**SAFE)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "http://desk.example.com"),
        ("SITE_URL", "https://desk.example.com/path"),
        ("SECRET_KEY", "short"),
        ("EMAIL_URL", "relay.example.com"),
        ("ALLOWED_HOSTS", "*"),
        ("TRUSTED_RELAYS", "10.0.0.1"),
        ("TRUSTED_SEALERS", "lists.example.org, @"),
        ("HELPDESK_HTTP_PORT", "http"),
        ("HELPDESK_SMTP_LMTP", "perhaps"),
    ],
)
def test_a_missing_or_unsafe_setting_stops_the_start_and_is_named(name, value):
    ended = start(**{**SAFE, name: value})
    assert ended.returncode != 0
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr
