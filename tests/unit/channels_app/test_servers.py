"""What may be typed as another server, and when a stored password may be kept."""

from dataclasses import replace

import pytest

from channels_app.policies.servers import IMAP_PORTS, TypedServer, normal_host, server_problems

GOOD = TypedServer("imap.example.com", "993", "tls", "support", "secret")
KEPT = replace(GOOD, password="stored")


def problems(typed: TypedServer, stored: TypedServer | None = None) -> dict[str, str]:
    return server_problems(typed, ports=IMAP_PORTS, stored=stored, needs_login=True)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, {}, id="a good server"),
        pytest.param({"port": ""}, {}, id="no port is the usual one"),
        pytest.param({"host": ""}, {"host": "required"}, id="no host"),
        pytest.param({"host": "imap example.com"}, {"host": "bad_host"}, id="a space in the host"),
        pytest.param({"host": "imap://example.com/"}, {"host": "bad_host"}, id="an address of the web"),
        pytest.param({"host": "-"}, {"host": "bad_host"}, id="a hyphen"),
        pytest.param({"host": "999.1.1.1"}, {"host": "bad_host"}, id="numbers that are no address"),
        pytest.param({"host": "a" * 300 + ".example"}, {"host": "bad_host"}, id="an endless host"),
        pytest.param({"port": "99999"}, {"port": "bad_port"}, id="a port that does not exist"),
        pytest.param({"port": "0"}, {"port": "bad_port"}, id="port zero"),
        pytest.param({"port": "-1"}, {"port": "bad_port"}, id="a negative port"),
        pytest.param({"port": "99³"}, {"port": "bad_port"}, id="a port in other digits"),
        pytest.param({"port": "22"}, {"port": "foreign_port"}, id="the port of another service"),
        pytest.param({"port": "10143"}, {}, id="a port of one's own"),
        pytest.param({"security": "ssl"}, {"security": "bad_choice"}, id="a security that no form offers"),
        pytest.param({"user": " "}, {"user": "required"}, id="no user"),
        pytest.param({"user": "a\r\nb"}, {"user": "control_characters"}, id="a line end in the user"),
        pytest.param({"password": "x" * 10_000}, {"password": "too_long"}, id="a password of ten kilobytes"),
        pytest.param({"password": "a\nb"}, {"password": "control_characters"}, id="a line end in the password"),
        pytest.param({"password": ""}, {"password": "required"}, id="no password where none is kept"),
    ],
)
def test_what_is_typed_is_refused_by_field(change, expected) -> None:
    assert problems(replace(GOOD, **change)) == expected


@pytest.mark.parametrize(
    "change", [{}, {"host": "IMAP.Example.com "}, {"port": ""}], ids=["same", "same name", "usual"]
)
def test_a_kept_password_stays_with_its_server(change) -> None:
    assert problems(replace(GOOD, password="", **change), KEPT) == {}


@pytest.mark.parametrize(
    "change",
    [{"host": "evil.example"}, {"port": "1993"}, {"security": "none", "port": "993"}, {"user": "other"}],
    ids=str,
)
def test_a_kept_password_is_never_sent_to_another_server(change) -> None:
    assert problems(replace(GOOD, password="", **change), KEPT) == {"password": "password_for_another_server"}
    assert problems(replace(GOOD, **change), KEPT) == {}


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Почта.рф", "xn--80a1acny.xn--p1ai"),
        ("[::1]", "::1"),
        ("10.0.0.1", "10.0.0.1"),
        ("localhost", "localhost"),
        ("mail_1.inner", "mail_1.inner"),
    ],
)
def test_a_host_has_one_form(typed, normal) -> None:
    assert normal_host(typed) == normal
