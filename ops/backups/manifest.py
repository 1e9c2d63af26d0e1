"""What a backup says about itself, and whether that is true. Standard library only."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
NAME, DATABASE, BLOBS, SETTINGS = "manifest.json", "database.dump", "blobs.list", "settings.env"
CHUNK = 1024 * 1024


class NotWhole(Exception):
    """The backup is not what was written. The text is one line for a person."""


@dataclass(frozen=True)
class Entry:
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str
    version: str
    postgres: int  # major version of the server it was taken from
    is_demo: bool
    migrations: list[list[str]]  # [app, name], every one that was applied
    tables: dict[str, int]  # rows of each table in the snapshot
    blob_count: int
    blob_bytes: int
    files: dict[str, Entry]
    damaged: list[str] = field(default_factory=list)  # files of the desk that were broken already, not taken along
    format: int = FORMAT

    def as_text(self) -> bytes:
        """Sealed by its own digest."""
        body = asdict(self)
        return json.dumps({**body, "seal": _seal(body)}, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read(folder: Path) -> Manifest:
    """Raises `NotWhole` for what is no backup, was cut short, changed, or comes from a later format."""
    try:
        body = json.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        raise NotWhole(f"{folder} is no backup: it has no {NAME}") from None
    except ValueError:
        raise NotWhole(f"{folder / NAME} is damaged") from None
    if not isinstance(body, dict) or body.pop("seal", None) != _seal(body):
        raise NotWhole(f"{folder / NAME} is damaged")
    if body["format"] != FORMAT:
        raise NotWhole(f"{folder} was made by a newer version of the desk (format {body['format']}): upgrade first")
    files = {name: Entry(**entry) for name, entry in body.pop("files").items()}
    return Manifest(**body, files=files)


def verify(folder: Path, manifest: Manifest, tell: Callable[[str], None]) -> list[str]:
    """Reads everything. Raises `NotWhole` at the first file that differs; returns the digests of broken blobs."""
    for name, entry in manifest.files.items():
        tell(f"checking {name}")
        if (found := entry_of(folder / name)) != entry:
            raise NotWhole(f"{folder / name} is {'missing' if found is None else 'damaged'}")
    broken = []
    for place, (digest, size) in enumerate(blobs(folder), start=1):
        tell(f"checking file {place} of {manifest.blob_count}")
        if entry_of(folder / path_of(digest)) != Entry(size, digest):
            broken.append(digest)
    return broken


def blobs(folder: Path) -> Iterator[tuple[str, int]]:
    with (folder / BLOBS).open() as lines:
        for line in lines:
            digest, size = line.split()
            yield digest, int(size)


def path_of(digest: str) -> str:
    return f"blobs/{digest[:2]}/{digest[2:4]}/{digest}"


def entry_of(path: Path) -> Entry | None:
    """None when there is no such file."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        return None
    return Entry(size, digest.hexdigest())


def newer_than(manifest: Manifest, known: Iterable[tuple[str, str]]) -> list[str]:
    """Migrations of the backup that this code has never heard of, as `app.name`."""
    ours = set(known)
    return [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in ours]
