"""The pipe of a mail server, as a real process: its exit code decides whether the server keeps the mail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from channels_app.models import Channel, RawMessage
from tests.channels_app.letters import letter

ROOT = Path(__file__).resolve().parents[2]


def receive_mail(raw: bytes, *, to: str = "support@example.com", **environment: str) -> tuple[int, str]:
    server = settings.DATABASES["default"]
    url = f"postgres:///{server['NAME']}?host={server['HOST']}&user={server['USER']}&port={server['PORT'] or 5432}"
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "receive_mail", "--to", to, "--from", "sam@bare.example"],
        input=raw,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings", "DATABASE_URL": url, **environment},
        timeout=60,
    )
    return done.returncode, done.stderr.decode()


_RUN = (
    "import sys; from django.core.management import execute_from_command_line as run; run(['manage.py', *sys.argv[1:]])"
)


def test_a_piped_mail_is_stored_and_acknowledged_by_zero(support: Channel) -> None:
    code, words = receive_mail(letter())
    assert (code, words) == (0, "")
    row = RawMessage.objects.get()
    assert (bytes(row.content), row.door, row.envelope_from) == (letter(), "pipe", "sam@bare.example")


def test_an_address_that_is_none_of_ours_is_an_unknown_user(support: Channel) -> None:
    code, words = receive_mail(letter(), to="nobody@example.com")
    assert code == os.EX_NOUSER == 67
    assert "no mailbox nobody@example.com" in words


@pytest.mark.django_db
def test_without_a_database_the_mail_server_keeps_the_mail(tmp_path: Path) -> None:
    code, words = receive_mail(letter(), DATABASE_URL=f"postgres:///none?host={tmp_path}&user=nobody")
    assert code == os.EX_TEMPFAIL == 75
    assert "could not be stored now" in words
