"""The real supervisor over the real embedded servers, with roles that do next to nothing. Run as a script."""

import os
import signal
import sys
import time
from pathlib import Path

from ops import embedded
from ops.supervisor import Supervisor


def calm() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    print("calm begins", os.getpid(), flush=True)
    signal.sigwait({signal.SIGTERM})
    print("calm ends", flush=True)


def stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("stubborn begins", flush=True)
    while True:
        time.sleep(1)


def parent() -> None:
    """A role with a child of its own, as Celery's worker has."""
    from ops.embedded.process import die_with_parent

    me = os.getpid()
    if os.fork() == 0:
        die_with_parent(signal.SIGKILL, me)
    print("parent begins", flush=True)
    signal.sigwait({signal.SIGTERM})


def main() -> None:
    desk = Supervisor()
    desk.listen_to_signals()
    if "servers" in sys.argv:
        desk.start_servers(embedded.make(Path(os.environ["HELPDESK_DATA_DIR"])))
    for name, role in (("calm", calm), ("stubborn", stubborn), ("parent", parent)):
        if name in sys.argv:
            desk.add(name, role, stage=1)
    desk.terminal.say("everybody is up")
    desk.run()
    desk.terminal.say("stopping")
    desk.stop()
    desk.terminal.say("everybody is down")


if __name__ == "__main__":
    main()
