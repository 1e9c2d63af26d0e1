"""What may be typed as another mail server's address and login. Pure; a problem is a code by field."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from channels_app.mail.addresses import normal_domain

LONGEST_PASSWORD = 1000
LONGEST_USER = 320
FIRST_PRIVATE_PORT = 1024


class Security(StrEnum):
    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"
    NONE = "none"


IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class TypedServer:
    """As it came from a form. An empty password keeps the one that is stored, an empty port is the usual one."""

    host: str
    port: str
    security: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"TypedServer({self.host}:{self.port})"


def server_problems(
    typed: TypedServer, *, ports: dict[Security, int], stored: TypedServer | None, needs_login: bool
) -> dict[str, str]:
    """`stored` is what is kept now, its password empty if none is."""
    found: dict[str, str] = {}
    if not typed.host.strip():
        found["host"] = "required"
    elif not normal_host(typed.host):
        found["host"] = "bad_host"
    if typed.security not in set(Security):
        found["security"] = "bad_choice"
    if problem := _port_problem(typed.port, ports):
        found["port"] = problem
    if len(typed.user) > LONGEST_USER:
        found["user"] = "too_long"
    elif has_control(typed.user):
        found["user"] = "control_characters"
    elif needs_login and not typed.user.strip():
        found["user"] = "required"
    if len(typed.password) > LONGEST_PASSWORD:
        found["password"] = "too_long"  # noqa: S105  a code, no password
    elif has_control(typed.password):
        found["password"] = "control_characters"  # noqa: S105  a code, no password
    elif typed.user.strip() and not typed.password:
        if stored is None or not stored.password:
            found["password"] = "required"  # noqa: S105  a code, no password
        elif not is_same_server(typed, stored, ports):
            found["password"] = "password_for_another_server"  # noqa: S105  a code, no password
    return found


def is_same_server(typed: TypedServer, stored: TypedServer, ports: dict[Security, int]) -> bool:
    """A stored password is never sent anywhere else: whoever changes the server must know the password."""
    return _identity(typed, ports) == _identity(stored, ports)


def _identity(server: TypedServer, ports: dict[Security, int]) -> tuple[str, str, str, str]:
    usual = ports[Security(server.security)] if server.security in set(Security) else ""
    port = server.port.strip() or str(usual)
    return normal_host(server.host), port, server.security, server.user.strip()


def port_of(typed: TypedServer, ports: dict[Security, int]) -> int:
    """Of a server without problems."""
    return int(typed.port.strip() or ports[Security(typed.security)])


def _port_problem(typed: str, ports: dict[Security, int]) -> str:
    """Ports of other well-known services are none of ours: a test button is no way to look around in a network."""
    typed = typed.strip()
    if not typed:
        return ""
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 5 and 0 < int(typed) <= 65535):
        return "bad_port"
    return "" if int(typed) in ports.values() or int(typed) >= FIRST_PRIVATE_PORT else "foreign_port"


def normal_host(typed: str) -> str:
    """A name in A-labels or an address, "" if it is neither."""
    typed = typed.strip()
    try:
        return str(ip_address(typed.strip("[]")))
    except ValueError:
        pass
    name = normal_domain(typed)
    is_name = bool(name) and not name.startswith("[") and all(c.isalnum() or c in "-._" for c in name)
    return name if is_name and not name.rpartition(".")[2].isdigit() else ""


def has_control(text: str) -> bool:
    return any(unicodedata.category(each) == "Cc" for each in text)
