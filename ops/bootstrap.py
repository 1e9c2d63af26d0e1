"""Puts this process into the project's own environment, making it first where needed. Standard library only.

`.venv` holds exactly what requirements.txt pins (and requirements-dev.txt for the commands of contributors). A stamp
beside the interpreter says for which pins it was made, so later starts cost one hash. `python3 -m ops.bootstrap`
prepares without starting anything, as the Dockerfile does.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"  # there while packages are being written: after a kill none of them is sure
RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
INSTALLER = "requirements-installer.txt"
FOR_CONTRIBUTORS = {"test", "lint", "bench"}


def enter(argv: Sequence[str]) -> None:
    """Return at once inside the prepared environment; otherwise prepare it and start again in it."""
    wanted = [RUNTIME, DEVELOPMENT] if set(argv[1:2]) & FOR_CONTRIBUTORS else [RUNTIME]
    inside = Path(sys.prefix).resolve() == VENV.resolve() and Path(sysconfig.get_path("purelib")).is_dir()
    if inside and all(_is_stamped(name) for name in wanted):
        return
    try:
        prepare(wanted)
    except KeyboardInterrupt:
        sys.exit("helpdesk: interrupted; the next start goes on")
    except OSError as error:
        sys.exit(f"helpdesk: .venv cannot be made: {error}")
    os.execve(PYTHON, [str(PYTHON), *argv], os.environ | {"PYTHONUTF8": "1"})  # noqa: S606  a shell is what we do not want


def prepare(wanted: Sequence[str]) -> None:
    """Make or repair `.venv`. Two starts at once take turns; one that was killed is finished by the next."""
    if _is_whole() and not UNFINISHED.exists() and all(_is_stamped(name) for name in wanted):
        return
    with _one_at_a_time():
        if UNFINISHED.exists() or not _is_whole():
            shutil.rmtree(VENV, ignore_errors=True)
        missing = [name for name in wanted if not _is_stamped(name)]
        if not missing:
            return
        began = time.monotonic()
        _say(f"preparing .venv from {' and '.join(missing)}; the first time this takes a minute or so")
        if not PYTHON.exists():
            venv.create(VENV, with_pip=False, symlinks=True)  # Debian splits ensurepip off: never rely on it
        UNFINISHED.touch()
        files = [word for name in missing for word in ("-r", str(ROOT / name))]
        if not any(_install(command, files) for command in _installers()):
            sys.exit("helpdesk: the requirements could not be installed; the reason stands above")
        for name in missing:
            stamp_of(name).write_text(_digest(name))
        UNFINISHED.unlink()
        _say(f"ready after {time.monotonic() - began:.0f} s")


def _installers() -> Iterator[list[str | Path]]:
    """Commands that install into `.venv`, best first: uv, which is seven times faster, then pip."""
    into_venv: list[str | Path] = ["--python", PYTHON, "--compile-bytecode"]
    uv = shutil.which("uv")
    if uv and _works(uv):
        yield [uv, "pip", "install", *into_venv]
    pip = _pip()
    if pip is None:
        sys.exit(
            "helpdesk: neither pip nor uv is here to install the requirements; "
            "on Debian: apt install python3-pip, elsewhere: python3 -m ensurepip"
        )
    if not uv and _install([*pip, "--quiet"], ["-r", str(ROOT / INSTALLER)]):
        yield [VENV / "bin" / "uv", "pip", "install", *into_venv]
    yield pip


def _pip() -> list[str | Path] | None:
    """A pip that installs into `.venv`: any pip outside will do, else the one that Python carries."""
    install = ["install", "--disable-pip-version-check", "--no-input"]
    for candidate in ([sys.executable, "-m", "pip"], ["pip3"], ["pip"]):
        if _works(*candidate, "--python", PYTHON):  # from pip 22.3
            return [*candidate, "--python", PYTHON, *install]
    if subprocess.run([PYTHON, "-m", "ensurepip"], capture_output=True).returncode == 0:
        return [PYTHON, "-m", "pip", *install]
    return None


def _install(command: Sequence[str | Path], files: Sequence[str]) -> bool:
    try:
        return subprocess.run([*command, "--require-hashes", *files], env=_environment()).returncode == 0
    except OSError:
        return False


def _environment() -> dict[str, str]:
    """Ours, and what an operator configured for pip said again in the words of uv, which does not read it."""
    env = dict(os.environ)
    config = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    for line in config.splitlines():
        name, _, value = line.partition("=")
        for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
            if name.rpartition(".")[2] == option:
                env.setdefault(variable, value.strip("'\""))
    return env


def _works(*command: str | Path) -> bool:
    try:
        return subprocess.run([*command, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def _is_whole() -> bool:
    """Whether `.venv` has an interpreter that runs and finds its packages; an upgrade of Python breaks both."""
    where = "import sys, sysconfig, os; sys.exit(not os.path.isdir(sysconfig.get_path('purelib')))"
    try:
        return subprocess.run([PYTHON, "-I", "-c", where], capture_output=True).returncode == 0
    except OSError:
        return False


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def stamp_of(name: str) -> Path:
    return VENV / f"{name}.sha256"


def _is_stamped(name: str) -> bool:
    try:
        return stamp_of(name).read_text() == _digest(name)
    except OSError:
        return False


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    handle = os.open(ROOT, os.O_RDONLY)  # the folder itself is the lock: no file to leave behind
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _say(text: str) -> None:
    print(f"helpdesk: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    prepare([RUNTIME, DEVELOPMENT] if "--dev" in sys.argv[1:] else [RUNTIME])
