"""A backup leaves the desk what it needs of the disk."""

from pathlib import Path

import pytest

from channels_app import disk
from ops.backups import gently
from ops.backups.gently import Progress, Sink


def chunks(number: int) -> list[bytes]:
    return [b"x" * 1024**2] * number


def test_on_the_desks_own_disk_it_stops_before_mail_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Sink(tmp_path, beside=tmp_path)
    sink.write("small", chunks(1))
    monkeypatch.setattr(disk, "LEAST_FREE_SHARE", 1.0)  # no disk has that
    with pytest.raises(OSError, match="the desk needs the rest for its mail"):
        sink.write("large", chunks(17))
    sink.close()


def test_a_disk_of_its_own_may_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Sink(tmp_path, beside=tmp_path)
    sink.shares_disk = False
    monkeypatch.setattr(disk, "LEAST_FREE_SHARE", 1.0)
    entry = sink.write("large", chunks(17))
    sink.flush()
    assert entry.size_bytes == (tmp_path / "large").stat().st_size == 17 * 1024**2


def test_progress_is_silent_for_two_seconds_and_then_speaks_every_two(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = [0.0], []
    monkeypatch.setattr(gently.time, "monotonic", lambda: clock[0])
    progress = Progress(said.append)
    for second in (1.0, 1.9, 2.0, 3.0, 4.1):
        clock[0] = second
        progress.tell(f"at {second}")
    assert said == ["at 2.0", "at 4.1"]
