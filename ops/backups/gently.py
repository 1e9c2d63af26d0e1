"""Writing much without disturbing: last in line for processor and disk, and nothing left in the page cache."""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from channels_app import disk
from ops.backups.manifest import Entry

SYNC_BYTES = 16 * 1024 * 1024
SYNC_FILES = 64
QUIET_SECONDS = 2.0


def step_back() -> None:
    """This process and those it starts take what others leave. Where the system cannot, nothing is lost."""
    os.nice(19)
    if ionice := shutil.which("ionice"):
        subprocess.run([ionice, "-c", "3", "-p", str(os.getpid())], capture_output=True)


class Progress:
    """Says how far it is once that is worth saying: after two seconds, and every two from then on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.said_at = time.monotonic()

    def tell(self, text: str) -> None:
        if time.monotonic() - self.said_at >= QUIET_SECONDS:
            self.said_at = time.monotonic()
            self.say(text)


class Sink:
    """Writes files below one folder and answers for their being on the disk after `flush`."""

    def __init__(self, folder: Path, *, beside: Path) -> None:
        """`beside` is the desk's own data: where it lies on the same disk, room is left for its mail."""
        self.folder = folder
        self.shares_disk = folder.stat().st_dev == beside.stat().st_dev
        self.unsynced: list[int] = []
        self.unsynced_bytes = 0

    def write(self, name: str, chunks: Iterable[bytes]) -> Entry:
        """Raises `OSError` when there is no room, also before there is none at all."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.unsynced.append(handle)
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            left = memoryview(chunk)
            while left:
                left = left[os.write(handle, left) :]
            self.unsynced_bytes += len(chunk)
            if self.unsynced_bytes >= SYNC_BYTES:
                self._sync()
        if len(self.unsynced) >= SYNC_FILES:
            self.flush()
        return Entry(size, digest.hexdigest())

    def _sync(self) -> None:
        """Small portions: a disk that must write all at once lets the database wait for its own few bytes."""
        for handle in self.unsynced:
            os.fsync(handle)
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        self.unsynced_bytes = 0
        if self.shares_disk and not disk.is_roomy(self.folder):
            raise OSError(f"the disk of {self.folder.parent} is nearly full, and the desk needs the rest for its mail")

    def flush(self) -> None:
        self._sync()
        self.close()

    def close(self) -> None:
        for handle in self.unsynced:
            os.close(handle)
        self.unsynced = []


def sync_folders(root: Path) -> None:
    """The names in all folders below `root`, and that of `root` itself."""
    for folder, _, _ in os.walk(root):
        sync_folder(Path(folder))
    sync_folder(root.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
