"""Making a backup beside a running desk."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from core import blobs
from core.models import Installation
from ops.backups import gently, manifest, postgres
from ops.backups.gently import Progress, Sink
from ops.backups.manifest import Entry, Manifest
from ops.models import Backup
from ops.version import version

_NAME = re.compile(r"helpdesk-\d{8}T\d{6}Z")
OF_THE_PLACE = {"DATABASE_URL", "REDIS_URL", "HELPDESK_DATA_DIR"}  # not of the desk; another machine has its own
SECRET_KEY, DKIM = "secret-key", "dkim"  # in the data folder
CHUNK = 256 * 1024


class Busy(Exception):
    """Another backup or a sweep of files is at work."""


def make(folder: Path, *, keep: int, progress: Progress, now: datetime) -> Path:
    """A new backup in `folder`; older ones beyond `keep` go, 0 keeps all. Returns where it is.

    Until it is whole and on the disk it has another name, and whatever goes wrong takes it away.
    """
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"helpdesk-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with _alone_in(folder), blobs.none_goes() as is_quiet:
        if not is_quiet:
            raise Busy("files are being swept at this moment; try again in a minute")
        for rest in folder.glob(".helpdesk-*.part"):
            shutil.rmtree(rest)
        part = folder / f".{target.name}.part"
        part.mkdir()
        try:
            told = _fill(Sink(part, beside=settings.DATA_DIR), progress, now)
            gently.sync_folders(part)
            part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        gently.sync_folder(folder)
        size = told.blob_bytes + sum(entry.size_bytes for entry in told.files.values())
        Backup.objects.create(made_at=now, folder=str(target), size_bytes=size, damaged=len(told.damaged))
        if keep:
            for old in sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))[:-keep]:
                shutil.rmtree(old)
    return target


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Busy(f"another backup is being written into {folder}") from None
    finally:
        os.close(handle)


def _fill(sink: Sink, progress: Progress, now: datetime) -> Manifest:
    files: dict[str, Entry] = {}
    with postgres.snapshot() as name:
        chunks = _told(postgres.dump(name), "database: {} MiB", progress)
        files[manifest.DATABASE] = sink.write(manifest.DATABASE, chunks)
        progress.tell("counting rows")
        tables = postgres.rows_of_tables()
        migrations = sorted([app, name] for app, name in MigrationRecorder.Migration.objects.values_list("app", "name"))
        is_demo = Installation.objects.filter(is_demo=True).exists()
        major = postgres.server_major()
    lines, damaged = _copy_blobs(sink, progress)
    files[manifest.BLOBS] = sink.write(manifest.BLOBS, [line.encode() for line in lines])
    files |= {name: sink.write(name, [path.read_bytes()]) for name, path in _keys().items()}
    files[manifest.SETTINGS] = sink.write(manifest.SETTINGS, [_settings().encode()])
    told = Manifest(
        made_at=now.astimezone(UTC).isoformat(),
        version=version(),
        postgres=major,
        is_demo=is_demo,
        migrations=migrations,
        tables=tables,
        blob_count=len(lines),
        blob_bytes=sum(int(line.split()[1]) for line in lines),
        files=files,
        damaged=damaged,
    )
    sink.write(manifest.NAME, [told.as_text()])
    sink.flush()
    return told


def _told(chunks: Iterable[bytes], words: str, progress: Progress) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        progress.tell(words.format(size // 1024**2))
        yield chunk


def _copy_blobs(sink: Sink, progress: Progress) -> tuple[list[str], list[str]]:
    """All files there are, which is at least all that the snapshot names. One that is not what its name says stays."""
    lines, damaged = [], []
    digests = list(blobs.stored())
    for place, digest in enumerate(digests, start=1):
        progress.tell(f"file {place} of {len(digests)}")
        with blobs.open_blob(digest) as file:
            entry = sink.write(manifest.path_of(digest), iter(lambda file=file: file.read(CHUNK), b""))  # type: ignore[misc]  # a default argument
        if entry.sha256 == digest:
            lines.append(f"{digest} {entry.size_bytes}\n")
        else:
            (sink.folder / manifest.path_of(digest)).unlink()
            damaged.append(digest)
    return lines, damaged


def _keys() -> dict[str, Path]:
    """The secrets of the data folder; those in the database travel with it."""
    found = [settings.DATA_DIR / SECRET_KEY, *sorted((settings.DATA_DIR / DKIM).glob("*.pem"))]
    return {f"keys/{path.relative_to(settings.DATA_DIR)}": path for path in found if path.is_file()}


def _settings() -> str:
    """What was set when the backup ran, as lines for another machine's `.env`."""
    names = sorted(settings.READ_FROM_ENVIRONMENT - OF_THE_PLACE)
    return "".join(f"{name}={os.environ[name]}\n" for name in names if os.environ.get(name))
