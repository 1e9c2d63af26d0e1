"""Typed readers of the environment and `.env`. A bad value stops the start with one line that names it."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


class BadSetting(SystemExit):
    """Exits with a single line, not a traceback: the reader is an operator."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"helpdesk: setting {name}: {why}")


def load_dotenv(path: Path) -> None:
    """Reads NAME=value lines; the real environment wins, quotes around a value are dropped."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


asked: set[str] = set()
"""The names of all settings read so far: what a backup writes down."""


def text(name: str, default: str = "") -> str:
    asked.add(name)
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise BadSetting(name, f"must be a whole number, not {value!r}") from None


def boolean(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(name, f"must be 1 or 0, not {value!r}")


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def database(name: str) -> dict[str, object]:
    """Django's DATABASES entry from `postgres://user:password@host:port/db` or, over a socket,
    from `postgres:///db?host=/directory&user=name`."""
    value = text(name)
    if not value:
        raise BadSetting(name, "is required: postgres://user:password@host/database")
    url = urlsplit(value)
    if url.scheme not in {"postgres", "postgresql"}:
        raise BadSetting(name, "must begin with postgres://")
    query = dict(parse_qsl(url.query))
    return {
        "ENGINE": "core.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "helpdesk",
        "USER": unquote(url.username or "") or query.pop("user", ""),
        "PASSWORD": unquote(url.password or "") or query.pop("password", ""),
        "HOST": query.pop("host", "") or url.hostname or "",
        "PORT": str(url.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "helpdesk",
            "connect_timeout": 5,
            # Nothing here may wait for ever: a lock storm becomes an error that the door can answer.
            "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
            **query,
        },
    }


def redis_url(url: str, database: int) -> str:
    """The same server with another database number: 0 broker, 1 counts, 2 channel layer."""
    if url.startswith("unix://"):
        return f"{url.split('?')[0]}?db={database}"
    return f"{url.rstrip('/').rsplit('/', 1)[0] if url.count('/') > 2 else url}/{database}"


def broker_url(url: str) -> str:
    if url.startswith("unix://"):
        return f"redis+socket://{url.removeprefix('unix://').split('?')[0]}?virtual_host=0"
    return redis_url(url, 0)
