"""THE table of roles: what each process of a desk does. `up` forks them, `manage.py run <role>` runs one alone.

Every function runs until SIGTERM and then returns.
"""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.utils.module_loading import import_string

from ops.embedded.process import die_with_parent

CELERY_APP = "helpdesk.celery.app"


def web(listening: socket.socket | None = None) -> None:
    """HTTP and websockets. Several processes may share one `listening` socket."""
    import uvicorn

    config = uvicorn.Config(
        import_string(settings.ASGI_APPLICATION),
        host=settings.BIND,
        port=settings.HTTP_PORT,
        timeout_graceful_shutdown=10,
        ws="websockets-sansio",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=not settings.DEMO,  # FORWARDED_ALLOW_IPS names the proxies that are believed
    )
    uvicorn.Server(config).run(sockets=[listening] if listening else None)


def several_web(processes: int) -> None:
    """The same under a supervisor of its own, for machines where nothing else keeps processes alive."""
    from ops.supervisor import Supervisor

    desk = Supervisor()
    desk.listen_to_signals()
    preload()
    listening = socket.create_server((settings.BIND, settings.HTTP_PORT), backlog=2048)
    for number in range(1, processes + 1):
        desk.add(f"web-{number}", partial(web, listening), stage=1)
    desk.run()
    desk.stop()


def worker() -> None:
    """Celery's prefork worker; its children die with it too."""
    from celery.signals import setup_logging, worker_process_init

    setup_logging.connect(_is_set_up, weak=False)
    parent = os.getpid()

    def bind_to_worker(**_: Any) -> None:  # Celery's own needs cffi and says nothing without it
        die_with_parent(signal.SIGKILL, parent)

    worker_process_init.connect(bind_to_worker, weak=False)
    celery = import_string(CELERY_APP)
    celery.conf.worker_redirect_stdouts = False  # lines keep their own names and levels
    process = celery.Worker(
        pool="prefork",
        concurrency=settings.WORKERS,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    process.start()
    sys.exit(process.exitcode)


def _is_set_up(**_: Any) -> None:
    """Heard by Celery, which then leaves the log as Django made it."""


def beat() -> None:
    """The periodic tasks of helpdesk/schedule.py. Two at once do no harm: each task takes a lock."""
    from celery.signals import setup_logging

    setup_logging.connect(_is_set_up, weak=False)
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    schedule = Path(settings.DATA_DIR) / "beat-schedule"
    import_string(CELERY_APP).Beat(loglevel="WARNING", quiet=True, schedule=str(schedule)).run()


def _main_of(module: str) -> None:
    import_module(module).main()


def relay() -> None:
    """Hears the database, rings the worker's bell and nudges the sockets."""
    import_string(CELERY_APP)  # the broker the bells go to; without it Celery has one of its own at localhost
    _main_of("events.relay")


ROLES: dict[str, Callable[[], None]] = {
    "web": web,
    "relay": relay,
    "worker": worker,
    "beat": beat,
    "smtp": partial(_main_of, "channels_app.smtpd"),
    "imap": partial(_main_of, "channels_app.imap"),
}
DEMO_ROLES: dict[str, Callable[[], None]] = {
    "dns": partial(_main_of, "ops.demo.dns"),
    "mailbox": partial(_main_of, "ops.demo.mailbox"),
}

PRELOADED = (
    "events.relay",
    "channels_app.smtpd",
    "channels_app.imap",
    "channels_app.mail_auth.evaluate",
    "_cffi_backend",  # with the parser: billiard writes C in every child of the worker
    "pycparser.c_parser",
    "billiard.heap",
    "billiard.popen_fork",
    "billiard.sharedctypes",
    "billiard.synchronize",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.app.routes",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.base",
    "celery.concurrency.prefork",
    "celery.contrib.django.task",
    "celery.events.receiver",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.control",
    "celery.worker.loops",
    "celery.worker.pidbox",
    "celery.worker.request",
    "celery.worker.strategy",
    "channels_redis.pubsub",
    "kombu.asynchronous.semaphore",
    "kombu.transport.redis",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)


def preload() -> None:
    """Import in this process what the roles would import one by one, so that they share its memory.

    Raises `SystemCheckError` when a check of Django's or ours finds an error.
    """
    from django.core.management.base import BaseCommand

    from channels_app.mail_auth.dmarc import organization

    for module in PRELOADED:
        if find_spec(module):
            import_module(module)
    import_string(CELERY_APP).loader.import_default_modules()
    import_string(settings.ASGI_APPLICATION)
    BaseCommand().check()  # walks all urls and models, as Celery's worker would do once more
    os.environ["CELERY_SKIP_CHECKS"] = "1"
    _compile_templates()
    organization("example.com")  # reads the public suffix list


def _compile_templates() -> None:
    """The cached loader then holds them for all; one that does not compile is its own page's trouble."""
    for engine in engines.all():
        for directory in getattr(engine, "dirs", ()):
            for path in sorted(Path(directory).rglob("*.html")):
                with contextlib.suppress(TemplateSyntaxError, TemplateDoesNotExist):
                    engine.get_template(str(path.relative_to(directory)))
