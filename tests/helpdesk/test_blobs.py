"""Bytes outside the database, on a real disk."""

import threading

import pytest

from core import blobs


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
