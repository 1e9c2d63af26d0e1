"""`manage.py up`: the whole helpdesk in the foreground, from one command, on this machine."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ops import embedded, installation
from ops.catalogues import compile_catalogues
from ops.embedded.process import CannotStart
from ops.healthcheck import answers
from ops.supervisor import Supervisor

WEB_PROCESSES = 2
READY_SECONDS = 60.0
DOORS, WORK, BACKGROUND = 1, 2, 3  # the order of stopping


def up() -> int:
    began = time.monotonic()
    desk = Supervisor()
    desk.listen_to_signals()
    desk.terminal.say("starting; Ctrl-C stops everything")
    try:
        with _alone():
            try:
                _start(desk, began)
                desk.run()
            finally:
                desk.terminal.say("stopping")
                installation.withdraw()
                desk.stop()
                desk.terminal.say("stopped; the data stays in " + str(installation.data_dir()))
    except CannotStart as reason:
        desk.terminal.say(f"cannot start: {reason}")
        return 1
    return 0


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    lock = installation.Lock(installation.data_dir())
    lock.take(installation.UP)
    try:
        yield
    finally:
        lock.release()


def _start(desk: Supervisor, began: float) -> None:
    installation.settle_defaults()
    is_demo = os.environ["HELPDESK_DEMO"].strip().lower() in {"1", "true", "yes", "on"}
    if is_demo and _is_public(_bind_address()):
        raise CannotStart("HELPDESK_BIND: the demo has public passwords and listens on this machine only")
    _start_servers(desk)
    listening = _listen_for_web(desk)
    _choose_ports(desk, is_demo)
    installation.publish({name: os.environ[name] for name in _CHOSEN if name in os.environ})

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    import django
    from django.conf import settings
    from django.core.management.base import SystemCheckError

    for directory in settings.LOCALE_PATHS:
        compile_catalogues(Path(directory))  # Django reads each once, and says the first words while it sets itself up
    django.setup()
    from ops import prepare, roles

    prepare.collect_static()  # WhiteNoise looks once, when the application is made
    try:
        roles.preload()
    except SystemCheckError as error:
        raise CannotStart(str(error)) from None
    told = _prepare(desk)
    desk.add("relay", roles.ROLES["relay"], BACKGROUND)
    if is_demo:
        for name, role in roles.DEMO_ROLES.items():
            desk.add(name, role, BACKGROUND)
    for number in range(1, WEB_PROCESSES + 1):
        desk.add(f"web-{number}", partial(roles.web, listening), DOORS)
    for name, stage in (("smtp", DOORS), ("worker", WORK), ("beat", DOORS), ("imap", DOORS)):
        desk.add(name, roles.ROLES[name], stage)
    _wait_for_first_page(desk, listening)
    _show(desk, told, seconds=time.monotonic() - began)


_CHOSEN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "HELPDESK_DEMO",
    "HELPDESK_HTTP_PORT",
    "HELPDESK_SMTP_PORT",
    "HELPDESK_DEMO_MAILBOX_PORT",
    "HELPDESK_DNS",
)


def _start_servers(desk: Supervisor) -> None:
    for variable in ("DATABASE_URL", "REDIS_URL"):
        if os.environ.get(variable):
            desk.terminal.say(f"{variable} is given: no embedded server for it")
    servers = embedded.make(installation.data_dir())
    desk.start_servers(servers)
    os.environ.update(servers.env)


def _bind_address() -> str:
    return os.environ.get("HELPDESK_BIND", "").strip() or "127.0.0.1"


def _is_public(address: str) -> bool:
    return address not in {"127.0.0.1", "::1", "localhost"}


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not value.isdigit():
        raise CannotStart(f"{name} must be a whole number, not {value!r}")
    return int(value or default)


def _listen_for_web(desk: Supervisor) -> socket.socket:
    """The socket that all web processes accept from. It stays open while one of them is started again."""
    wanted = _number("HELPDESK_HTTP_PORT", 8000)
    listening = _first_free(_bind_address(), wanted)
    listening.listen(2048)
    _note_port(desk, "HELPDESK_HTTP_PORT", wanted, listening.getsockname()[1])
    return listening


def _choose_ports(desk: Supervisor, is_demo: bool) -> None:
    """Ports the roles themselves will open: looked for in turn, so that no two get the same."""
    wanted = {"HELPDESK_SMTP_PORT": 2525}
    if is_demo:
        wanted["HELPDESK_DEMO_MAILBOX_PORT"] = 2526
    with contextlib.ExitStack() as held:
        for name, default in wanted.items():
            port = _number(name, default)
            found = held.enter_context(_first_free(_bind_address(), port))
            _note_port(desk, name, port, found.getsockname()[1])
        if is_demo and not os.environ.get("HELPDESK_DNS"):
            found = held.enter_context(_first_free("127.0.0.1", 15353, socket.SOCK_DGRAM))
            os.environ["HELPDESK_DNS"] = f"127.0.0.1:{found.getsockname()[1]}"


def _first_free(address: str, port: int, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """A bound socket on `port`, or on the next free one of the following hundred."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for candidate in range(port, port + 100):
        bound = socket.socket(family, kind)
        if kind == socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((address, candidate))
        except PermissionError:
            bound.close()
            raise CannotStart(f"port {candidate} needs root; choose one above 1023") from None
        except OSError:
            bound.close()
        else:
            return bound
    raise CannotStart(f"no free port from {port} to {port + 99} on {address}")


def _note_port(desk: Supervisor, name: str, wanted: int, found: int) -> None:
    if found != wanted:
        desk.terminal.say(f"port {wanted} is busy: {name} is {found} this time")
    os.environ[name] = str(found)


def _prepare(desk: Supervisor) -> dict[str, Any]:
    """In a process of its own: it opens connections, and none may exist where the roles are forked."""
    from ops import prepare

    read_end, write_end = os.pipe()

    def task() -> None:
        told = prepare.everything(lambda text: print(text, flush=True))
        os.write(write_end, json.dumps(told).encode())

    desk.do("prepare", task)
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        return dict(json.loads(answer.read()))


def _wait_for_first_page(desk: Supervisor, listening: socket.socket) -> None:
    deadline = time.monotonic() + READY_SECONDS
    host, port = listening.getsockname()[:2]
    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else f'[{host}]' if ':' in host else host}:{port}/healthz"  # noqa: S104
    while not desk.interrupts and not answers(url, patience=2):
        desk.step(0.05)
        if time.monotonic() > deadline:
            raise CannotStart(f"no page within {READY_SECONDS:.0f} seconds; the reason stands above")


def _show(desk: Supervisor, told: Mapping[str, Any], *, seconds: float) -> None:
    if desk.interrupts:
        return
    from django.conf import settings

    if desk.terminal.is_json:
        desk.terminal.say(f"Ready after {seconds:.1f} s url={settings.SITE_URL}/ data={settings.DATA_DIR}")
        return
    rows = [
        ("Helpdesk", f"{settings.SITE_URL}/"),
        ("Desk", f"{settings.SITE_URL}/desk/"),
        ("Mail in (SMTP)", f"{settings.SMTP_BIND}:{settings.SMTP_PORT}"),
    ]
    if settings.DEMO:
        rows.append(("Mail out, to read", f"{settings.SITE_URL}/demo/mailbox/"))
    rows.append(("Data", str(settings.DATA_DIR)))
    rows += [(str(label), str(value)) for label, value in told.get("rows", [])]
    width = max(len(label) for label, _ in rows)
    lines = [f"  {label:<{width}}  {value}" for label, value in rows]
    line = "-" * max(len(text) for text in lines)
    desk.terminal.write("\n".join(["", line, *lines, line, f"  Ready after {seconds:.1f} s. Ctrl-C stops.", "", ""]))
