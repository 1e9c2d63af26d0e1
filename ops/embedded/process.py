"""Starting a server as our child in such a way that it can never outlive us."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534


class CannotStart(Exception):
    """A server could not be started. The text is one line for a person and names the cure."""


def die_with_parent(sig: int, parent: int) -> None:
    """Ask the kernel to signal this process when `parent`, which forked it, ends in whatever way.

    The request is made after the fork, so a parent that is gone already is noticed by hand. Only Linux
    can do this; elsewhere an orphan is found by its pid file at the next start.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def enter_nobody_namespace() -> None:
    """In a freshly forked root process: become `nobody` of a user namespace of our own.

    PostgreSQL refuses to run as root. Inside, the process is not root; outside, its files stay root's,
    so neither a new system user nor a change of owner is needed. Raises `OSError` where the kernel or the
    container forbids user namespaces.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def namespaces_work() -> bool:
    """Whether `enter_nobody_namespace` succeeds here, tried on a child that does nothing."""
    try:
        done = subprocess.run([shutil.which("true") or "/bin/true"], preexec_fn=enter_nobody_namespace)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def spawn(
    command: Sequence[str | Path],
    *,
    output: int,
    stop_signal: int,
    prepare: Callable[[], None] | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own: Ctrl-C reaches only us, and our death reaches it as `stop_signal`.

    Must be called from the main thread: the kernel watches the thread that forked, not the process.
    """
    parent = os.getpid()

    def in_child() -> None:
        os.setsid()
        if prepare:
            prepare()
        die_with_parent(stop_signal, parent)  # last: a change of credentials would clear it

    return subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=in_child,
        env=env,
        cwd="/",
    )


def name_of(pid: int) -> str:
    """The program a process runs; empty when it has ended, also when nobody has collected it yet."""
    if Path("/proc/self/stat").exists():  # slim images have no ps
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :]
        return "" if rest[0] in "ZX" else name
    ps = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True)
    state, _, name = ps.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else Path(name.strip()).name


def end_orphan(pid_file: Path, *, programs: tuple[str, ...], stop_signal: int, patience: float = 30.0) -> None:
    """Stop the server a killed supervisor left behind, if its number still belongs to one of `programs`."""
    try:
        pid = int(pid_file.read_text().split("\n")[0])
    except (OSError, ValueError):
        return
    deadline = time.monotonic() + patience
    if name_of(pid).startswith(programs):
        os.kill(pid, stop_signal)
    while name_of(pid).startswith(programs):
        if time.monotonic() > deadline:
            raise CannotStart(f"process {pid} of an earlier start does not end; stop it and start again")
        time.sleep(0.02)


def wait_until_left(directory: Path, patience: float = 30.0) -> None:
    """Until no living process has `directory` as its working directory. Linux only; elsewhere returns at once."""
    deadline = time.monotonic() + patience
    while any(_works_in(directory, place) for place in Path("/proc").glob("[0-9]*")):
        if time.monotonic() > deadline:
            raise CannotStart(f"processes of an earlier start still use {directory}; stop them and start again")
        time.sleep(0.02)


def _works_in(directory: Path, process: Path) -> bool:
    try:
        return (process / "cwd").readlink() == directory
    except OSError:  # ended, or somebody else's
        return False
