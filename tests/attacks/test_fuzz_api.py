"""Whatever is sent to the API is done or refused as a problem, never a fault of ours. With `--full` for minutes."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import CLAIMS, _desk, asked, caller  # noqa: F401 - the fixture
from tickets.models import Ticket

WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "\0", "a\0b", "\ud800", "x\udfff", "a" * 20_000, "1e999", "‮", "0" * 400, "c-anna", "a-1"]
    ),
    st.sampled_from(["2026-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-14:00", "2026-02-30"]),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**400, 1e308, float("inf"), float("nan"), -0.0]),
    WORDS,
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
CHANGE = {"contact": "c-anna", "claims": CLAIMS}
BODIES: dict[str, Any] = {
    "put /accounts/a-2/": {"kind": "person", "name": "B", "login": "b", "contracts": ["Z-1"], "language": "en",
                           "customer_since": "2020-01-01", "tax_number": "1", "administrative_email": "b@b.example"},
    "put /contacts/c-2/": {"given_name": "B", "roles": [{"account": "a-1", "role": "technical"}],
                           "emails": ["b@b.example"], "phones": ["+74951234567"]},
    "put /services/s-2/": {"account": "a-1", "kind": "server", "name": "VPS", "domain": "b.example",
                           "paid_until": "2030-01-01", "is_working": True},
    "post /tickets/": asked(account="a-1", service="s-1", kind="question", details=[{"label": "a", "value": "b"}]),
    "post /tickets/ stranger": {"subject": "x", "text": "x", "stranger": {"email": "n@x.example", "phone": "1"}},
    "post {ticket}messages/": CHANGE | {"text": "x"},
    "post {ticket}closing/": CHANGE | {"waived": [str(uuid4())]},
    "post {ticket}reopening/": CHANGE,
}  # fmt: skip
TYPES = ["application/json", "application/json; charset=utf-16", "application/json; charset=nonsense", "text/plain", "",
         "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=b", "é/\0",
         "multipart/form-data; boundary=" + "b" * 300]  # fmt: skip
PIECES = [b"--b\r\n", b"--b--\r\n", b'Content-Disposition: form-data; name="request"\r\n\r\n', b"\r\n", b"{}", b"\0",
          b"\xff",
          b'Content-Disposition: form-data; name="files"; filename="\xff\0/../x"\r\n\r\n', b'{"text": "\\ud800"}', b"[",
          b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: text/html; charset=nonsense\r\n",
          b'{"a": 1, "a": 2}',
          b"[" * 100_000, b"1" * 5_000, b"NaN", b"\xef\xbb\xbf{}", b'"\\u0000"']  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(["If-Match", "If-None-Match", "Accept-Language", "Accept", "Idempotency-Key", "User-Agent"]),
    st.sampled_from(["*", "", '"x", W/"y"', "\xff", "a" * 9_000, "ru;q=x", "text/html", "../..", "'; --"]),
    max_size=2,
)


def places(body: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        found += places(value, (*at, name))
    return found


def put_in(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[at[0]] = put_in(copy[at[0]], at[1:], value)
    return copy


@st.composite
def bodies(draw: st.DrawFn, valid: Any) -> bytes:
    body = put_in(valid, draw(st.sampled_from(places(valid))), draw(VALUES))
    if isinstance(body, dict) and draw(st.booleans()):
        body[draw(WORDS)] = draw(VALUES)
    text = json.dumps(body)
    if draw(st.integers(0, 4)) == 0:  # a name said twice
        text = text.replace("{", '{"text": {}, "text": 1, ', 1)
    return text.encode()


@pytest.fixture
def program() -> Any:
    cache.clear()
    program = caller()
    program.post("/tickets/", asked())
    return program


def answered(program: Any, verb: str, path: str, raw: bytes, kind: str = "application/json", **headers: str) -> None:
    client = Client(raise_request_exception=False)
    sent = {"Authorization": f"Bearer {program.secret}", "Idempotency-Key": uuid4().hex} | headers
    answer = client.generic(verb.upper(), f"/api/v1{path}", raw, content_type=kind, headers=sent)
    assert answer.status_code < 500, (verb, path, kind, headers, raw[:300], answer.content)
    if answer.status_code >= 400:
        assert answer["Content-Type"].startswith("application/problem+json"), (answer.status_code, raw[:300])
        json.loads(answer.content)["code"].encode()


def fuzzed(few: int, request: pytest.FixtureRequest) -> Any:
    is_long = request.config.getoption("--full")
    return settings(
        max_examples=few * 60 if is_long else few, derandomize=not is_long, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


@pytest.mark.parametrize("where", BODIES)
def test_a_body_of_any_shape_is_taken_or_refused_by_name(program, where, request):
    verb, path = where.split()[:2]
    path = path.replace("{ticket}", f"/tickets/{Ticket.objects.get().public_id}/")

    @fuzzed(40, request)
    @given(bodies(BODIES[where]), HEADERS)
    def run(raw: bytes, headers: dict[str, str]) -> None:
        answered(program, verb, path, raw, **headers)

    run()


def test_any_bytes_under_any_type_are_a_problem_and_no_fault(program, request):
    ticket = f"/tickets/{Ticket.objects.get().public_id}/"
    paths = [f"{ticket}messages/", f"{ticket}closing/", "/tickets/", "/too-large/", "/nowhere/"]
    raws = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=6).map(b"".join)

    @fuzzed(120, request)
    @given(st.sampled_from(["post", "put", "get", "patch"]), st.sampled_from(paths), raws, st.sampled_from(TYPES))
    def run(verb: str, path: str, raw: bytes, kind: str) -> None:
        answered(program, verb, path, raw, kind)

    run()


def test_any_address_is_answered(program, request):
    ticket = Ticket.objects.get().public_id
    paths = ["/tickets/", f"/tickets/{ticket}/", f"/tickets/{ticket}/messages/", "/actions/", "/accounts/",
             "/contacts/", "/services/", f"/attachments/{ticket}/"]  # fmt: skip
    names = st.sampled_from(["contact", "account", "cursor", "limit", "token", "until", "signature", "x"])
    said = st.sampled_from(
        ["", "%00", "%ED%A0%80", "%FF", "9" * 30, "-1", "c-anna", "aWQ6OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "+"]
    )

    @fuzzed(100, request)
    @given(st.sampled_from(paths), st.lists(st.tuples(names, said), max_size=3))
    def run(path: str, asks: list[tuple[str, str]]) -> None:
        query = "&".join(f"{name}={value}" for name, value in asks)
        answered(program, "get", f"{path}?{query}", b"")

    run()
