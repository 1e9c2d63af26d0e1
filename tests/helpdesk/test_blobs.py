"""Bytes outside the database, on a real disk."""

import threading
from datetime import timedelta

import pytest

from core import blobs
from core.clock import now


@pytest.fixture
def storage(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "blobs": {"BACKEND": "core.blobs.DurableFileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    return tmp_path


def test_equal_bytes_are_kept_once_and_leave_no_half_written_file(storage):
    first, again = blobs.put(b"screenshot"), blobs.put(b"screenshot")
    assert first == again
    assert blobs.read(first.digest) == b"screenshot"
    assert [path.name for path in storage.rglob("*") if path.is_file()] == [first.digest]


def test_many_may_store_the_same_bytes_at_once(storage):
    failed: list[BaseException] = []

    def store() -> None:
        try:
            blobs.put(b"x" * 1_000_000)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=store) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len([path for path in storage.rglob("*") if path.is_file()]) == 1


def test_bytes_that_are_gone_are_said_to_be_gone(storage):
    with pytest.raises(FileNotFoundError):
        blobs.read("0" * 64)


@pytest.fixture
def far(settings, db):
    """A storage that is no file system, as S3 is none."""
    settings.STORAGES = settings.STORAGES | {"blobs": {"BACKEND": "tests.far.FarStorage"}}


def test_a_blob_goes_from_a_storage_that_is_no_file_system(far):
    digest = blobs.put(b"screenshot").digest
    assert not blobs.take_away(digest, before=blobs.put_at(digest)), "somebody wanted it since"
    assert blobs.take_away(digest, before=blobs.put_at(digest) + timedelta(seconds=1))
    assert list(blobs.stored()) == []
    assert not blobs.take_away(digest, before=now()), "it is gone already"


def test_bytes_that_come_again_are_wanted_anew_there(far):
    digest = blobs.put(b"screenshot").digest
    before = now()
    blobs.put(b"screenshot")
    assert list(blobs.stored()) == [digest]
    assert not blobs.take_away(digest, before=before)
