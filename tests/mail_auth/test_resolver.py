import threading
import time

import pytest

from channels_app.mail_auth import resolver as module
from channels_app.mail_auth.resolver import LookupFailed, Resolver
from ops.demo.dns import DnsServer, Zones, serving
from ops.demo.zones import Record


@pytest.fixture
def server():
    records = [
        Record("a.example", "A", "192.0.2.1"),
        Record("a.example", "AAAA", "2001:db8::1"),
        Record("a.example", "MX", "10 mx.a.example."),
        Record("a.example", "TXT", "one"),
        Record("a.example", "TXT", 'two "quoted" \\ three'),
        Record("1.2.0.192.in-addr.arpa", "PTR", "a.example."),
        Record("deep.below.a.example", "A", "192.0.2.2"),
        Record("alias.example", "CNAME", "a.example."),
        Record("ring.example", "CNAME", "ring.example."),
        Record("long.example", "TXT", "x" * 5_000),
    ]
    with serving(Zones(records)) as running:
        yield running


def asked(server: DnsServer, name: str) -> int:
    return sum(count for (each, _), count in server.asked.items() if each == name)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("a.example", "A", ("192.0.2.1",)),
        ("A.Example.", "AAAA", ("2001:db8::1",)),
        ("a.example", "MX", ((10, "mx.a.example"),)),
        ("1.2.0.192.in-addr.arpa", "PTR", ("a.example",)),
        ("alias.example", "A", ("192.0.2.1",)),
        ("below.a.example", "A", ()),
        ("nothing.example", "A", ()),
        ("a.example", "PTR", ()),
    ],
)
def test_records_come_as_plain_values(server, name, kind, expected):
    assert Resolver(server.address).begin().find(name, kind) == expected


def test_texts_come_whole_even_where_they_need_tcp(server):
    lookups = Resolver(server.address).begin()
    assert sorted(lookups.txt("a.example")) == [b"one", b'two "quoted" \\ three']
    assert lookups.txt("long.example") == (b"x" * 5_000,)
    assert asked(server, "long.example") == 2


@pytest.mark.parametrize("name", ["a.example", "nothing.example", "below.a.example"])
def test_an_answer_is_asked_for_once_also_where_it_is_no(server, name):
    resolver = Resolver(server.address)
    for spelling in (name, name.upper(), f"{name}."):
        resolver.begin().find(spelling, "A")
    assert asked(server, name) == 1


@pytest.mark.parametrize("name", ["broken.example", "slow.example", "ring.example"])
def test_nobody_knowing_is_not_the_same_as_there_is_none(server, name):
    with pytest.raises(LookupFailed):
        Resolver(server.address, budget_seconds=0.3).begin().find(name, "A")


@pytest.mark.parametrize(
    "name", ["x" * 64 + ".example", "a..example", "." * 300, "\\", "a\x00.example", "ж" * 300, "", "."]
)
def test_names_that_cannot_be_are_answered_without_a_fault(server, name):
    try:
        assert Resolver(server.address).begin().find(name, "TXT") == ()
    except LookupFailed:
        pass


def test_all_look_ups_of_one_mail_share_the_budget(server):
    lookups = Resolver(server.address, budget_seconds=0.5).begin()
    begun = time.monotonic()
    for number in range(20):
        with pytest.raises(LookupFailed):
            lookups.find(f"{number}.slow.example", "A")
    assert time.monotonic() - begun < 2


def test_a_failure_is_remembered_for_the_next_mails(server):
    resolver = Resolver(server.address, budget_seconds=0.3)
    for _ in range(5):
        with pytest.raises(LookupFailed):
            resolver.begin().find("slow.example", "A")
    assert asked(server, "slow.example") <= 2


def test_no_name_server_at_all_is_a_failure_within_the_budget():
    begun = time.monotonic()
    with pytest.raises(LookupFailed):
        Resolver("127.0.0.1:9", budget_seconds=0.3).begin().find("a.example", "A")
    assert time.monotonic() - begun < 2


def test_what_is_kept_stays_bounded(server, monkeypatch):
    monkeypatch.setattr(module, "MAX_CACHED", 50)
    resolver = Resolver(server.address)
    for number in range(120):
        resolver.begin().find(f"{number}.example", "A")
    assert len(resolver._kept) <= 50


def test_several_threads_may_ask_at_once(server):
    resolver = Resolver(server.address, budget_seconds=10)
    found: list[object] = []
    threads = [
        threading.Thread(
            target=lambda number=number: found.append(resolver.begin().find(f"{number % 3}.a.example", "A"))
        )
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [()] * 12


def test_the_systems_resolver_is_used_where_none_is_named():
    try:
        Resolver("", budget_seconds=0.2).begin().find("a.invalid", "A")
    except LookupFailed:
        pass
