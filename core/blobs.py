"""Bytes by digest, outside the database: raw mail over 1 MB and every attachment.

A blob is written and synced before any row names it, so a row without its bytes never exists; bytes
without a row only take room. The storage is Django's, so S3 is a setting.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SWEEPING = 0x626C6F62  # the number of an advisory lock


@dataclass(frozen=True, slots=True)
class Blob:
    digest: str  # sha-256, hex
    size_bytes: int


class DurableFileSystemStorage(FileSystemStorage):
    """Temporary file, fsync, rename, fsync of the folder: the name appears only with its whole content."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # whoever stores the same bytes at once may replace them

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        made = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")  # two may store the same at once
        try:
            with temporary.open("wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        for folder in (target.parent, *(each.parent for each in made)):
            _sync(folder)
        return name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def put(content: bytes) -> Blob:
    """Stores the bytes once, however often they come. Raises OSError (disk full) before any row is written."""
    digest = hashlib.sha256(content).hexdigest()
    storage = storages["blobs"]
    name = _name(digest)
    if isinstance(storage, FileSystemStorage):
        if not _renewed(storage.path(name)):
            storage.save(name, ContentFile(content))
    else:
        with _in_turn(digest):  # written anew even if it is there: nothing else renews it
            storage.save(name, ContentFile(content))
    return Blob(digest, len(content))


def _renewed(path: str) -> bool:
    """Says that what lies there is wanted again, so that no sweep takes it. False: nothing does."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _in_turn(digest: str) -> Iterator[None]:
    """Where nothing can be moved aside: whoever writes this blob and whoever takes it away wait for each other."""
    key = int(digest[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def put_file(digest: str, content: File) -> None:
    """For a restore: bytes whose digest was checked already."""
    storages["blobs"].save(_name(digest), content)


def open_blob(digest: str) -> IO[bytes]:
    """The bytes for reading. Raises FileNotFoundError when they are gone: say so aloud, the row promised them."""
    return storages["blobs"].open(_name(digest), "rb")


def read(digest: str) -> bytes:
    with open_blob(digest) as blob:
        return blob.read()


def stored() -> Iterator[str]:
    """The digests of all that is kept, in order; what is being written at this moment is left out."""
    storage = storages["blobs"]

    def below(folder: str) -> tuple[list[str], list[str]]:
        try:
            folders, files = storage.listdir(folder)
        except FileNotFoundError:
            return [], []
        return sorted(folders), sorted(files)

    for first in below("")[0]:
        for second in below(first)[0]:
            yield from (name for name in below(f"{first}/{second}")[1] if _DIGEST.fullmatch(name))


def put_at(digest: str) -> datetime:
    return storages["blobs"].get_modified_time(_name(digest))


def size_of(digest: str) -> int:
    return storages["blobs"].size(_name(digest))


def take_away(digest: str, *, before: datetime) -> bool:
    """Removes a blob unless somebody wanted it since. Only while `none_goes` is held, in no transaction.

    It is moved aside first: whoever wants it at this very moment either renewed it before, which shows now,
    or finds nothing and writes it anew.
    """
    storage = storages["blobs"]
    if not isinstance(storage, FileSystemStorage):
        name = _name(digest)
        with _in_turn(digest):
            if not storage.exists(name) or storage.get_modified_time(name) >= before:
                return False
            storage.delete(name)
            return True
    path = Path(storage.path(_name(digest)))
    aside = path.with_name(f".{digest}.{uuid.uuid4().hex}.part")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    if aside.stat().st_mtime >= before.timestamp():
        aside.rename(path)
        return False
    aside.unlink()
    return True


@contextmanager
def none_goes() -> Iterator[bool]:
    """While this is held nobody else takes blobs away. False: somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SWEEPING])
        (is_held,) = cursor.fetchone()
        try:
            yield is_held
        finally:
            if is_held:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_SWEEPING])
