"""Every word of the interface exists in Russian, with its placeholders, and the catalogue knows every word."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUES = Path("locale/ru/LC_MESSAGES")
NOT_SOURCES = shutil.ignore_patterns(".*", "var", "tests", "bench", "node_modules", "vendor", "docs")


def main() -> int:
    paths = sorted((ROOT / CATALOGUES).glob("*.po"))
    faults = [fault for path in paths for fault in _faults_of(path)] or ([] if paths else [f"no {CATALOGUES}/*.po"])
    for fault in faults:
        print(fault)
    return int(bool(faults))


def _faults_of(path: Path) -> Iterator[str]:
    catalogue = _read(path)
    for message in catalogue:
        if not message.id:
            continue
        name = message.id[0] if isinstance(message.id, tuple) else message.id
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(words):
            yield f"not translated: {name!r}"
        if message.fuzzy:
            yield f"fuzzy, a guess nobody confirmed: {name!r}"
    for message, errors in catalogue.check():
        yield from (f"{message.id!r}: {error}" for error in errors)
    if shutil.which("xgettext"):
        yield from _out_of_step(path, catalogue)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ru")


def _out_of_step(path: Path, catalogue: Catalog) -> Iterator[str]:
    """Words used and not in the catalogue, found by extracting anew in a copy of the sources."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-words-") as directory:
        copy = Path(directory) / "sources"
        shutil.copytree(ROOT, copy, ignore=NOT_SOURCES)
        env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        command = [sys.executable, "-m", "django", "makemessages", "-l", "ru", "-d", path.stem, "--no-obsolete"]
        done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)
        if done.returncode:
            yield f"makemessages failed: {done.stderr.strip()}"
            return
        used = {(message.context, message.id) for message in _read(copy / CATALOGUES / path.name) if message.id}
    known = {(message.context, message.id) for message in catalogue if message.id}
    yield from (f"not in {path.name}: {name!r}" for _, name in sorted(used - known, key=repr))
    yield from (f"no longer used: {name!r}" for _, name in sorted(known - used, key=repr))


if __name__ == "__main__":
    sys.exit(main())
