"""Files that no row names go, and nothing else does."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connections

from core import blobs
from core.clock import now
from ops.doctor import sweep
from ops.recount import orphans
from tests.cast import NOW, actor, desk, letter, origin
from tickets.services import conversation
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = time.time() - 2 * 86400


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    here = {**settings.STORAGES["blobs"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "blobs": here}
    return tmp_path


def path_of(digest: str) -> Path:
    return Path(storages["blobs"].path(f"{digest[:2]}/{digest[2:4]}/{digest}"))


def stored(content: bytes, *, is_old: bool) -> str:
    digest = blobs.put(content).digest
    if is_old:
        os.utime(path_of(digest), (LONG_AGO, LONG_AGO))
    return digest


def test_only_what_is_old_and_named_by_nothing_goes():
    desk()
    number = receive(letter(), origin=origin(), now=NOW).ticket_number
    upload = conversation.add_upload(
        number, by=actor("agent1", "agent", "first-line"), filename="a.txt", content=b"named", now=NOW
    )
    os.utime(path_of(upload.digest), (LONG_AGO, LONG_AGO))
    orphan, fresh = stored(b"orphan", is_old=True), stored(b"fresh", is_old=False)
    assert "1 files" in str(next(sweep()))
    assert set(blobs.stored()) == {upload.digest, fresh}
    assert not path_of(orphan).exists()


def test_an_orphan_that_is_wanted_again_stays():
    digest = stored(b"again", is_old=True)
    (found,) = orphans(before=now() - timedelta(hours=24))
    assert blobs.put(b"again").digest == digest == found  # its row is about to be written
    assert not blobs.take_away(found, before=now() - timedelta(hours=24))
    assert blobs.read(digest) == b"again"


def test_what_was_just_swept_is_written_anew():
    digest = stored(b"anew", is_old=True)
    assert blobs.take_away(digest, before=now() - timedelta(hours=24))
    assert blobs.put(b"anew").digest == digest
    assert blobs.read(digest) == b"anew"


def test_nothing_goes_while_a_backup_reads():
    stored(b"orphan", is_old=True)
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [blobs._SWEEPING])
        assert "a backup reads the files" in str(next(sweep()))
        assert len(list(blobs.stored())) == 1
    finally:
        other.close()
