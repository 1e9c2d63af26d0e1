"""Pytest plugin: the embedded servers run before anything reads Django's settings.

Loaded by `addopts = -p ops.testing.servers`; a `conftest.py` would come too late, because pytest-django reads the
settings first. One PostgreSQL serves the whole run, each xdist worker has a database of its own in it (pytest-django
names it) and a Valkey of its own. DATABASE_URL and REDIS_URL in the environment are used as they are.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from ops import embedded
from ops.catalogues import compile_catalogues
from ops.embedded.paths import socket_dir

SETTINGS = {
    "SECRET_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
    "HELPDESK_DEMO": "1",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
}
ROOT = Path(__file__).resolve().parent.parent.parent
DIRECTORY_OF_RUN = "HELPDESK_TEST_DIR"

pytest_plugins = ["ops.testing.needs"]

_servers: list[embedded.Servers] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if _servers or _only_asks():
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        os.environ.pop("REDIS_URL", None)  # the controller's; a worker wants one nobody else writes to
        data_dir = Path(os.environ[DIRECTORY_OF_RUN]) / worker
    else:
        data_dir = Path(tempfile.mkdtemp(prefix="helpdesk-tests-"))
        os.environ[DIRECTORY_OF_RUN] = str(data_dir)
    _hide_dotenv()
    os.environ.update(SETTINGS)
    os.environ["HELPDESK_DATA_DIR"] = str(data_dir)
    compile_catalogues(ROOT / "locale")
    servers = embedded.start(data_dir, durable=False)
    os.environ.update(servers.env)
    _servers.append(servers)


def pytest_unconfigure() -> None:
    for servers in _servers:
        servers.stop()
        for server in servers.running:
            shutil.rmtree(socket_dir(server.data_dir), ignore_errors=True)
    if _servers and "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ[DIRECTORY_OF_RUN], ignore_errors=True)
    _servers.clear()


def _hide_dotenv() -> None:
    """Nobody's own mail relay or database is used because it stands in his .env; the real environment counts."""
    path = ROOT / ".env"
    for line in path.read_text().splitlines() if path.is_file() else ():
        name, equals, _ = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), "")


def _only_asks() -> bool:
    """Whether this run only prints help or versions."""
    return any(word in {"--help", "-h", "--version", "-V", "--markers", "--fixtures"} for word in sys.argv)
