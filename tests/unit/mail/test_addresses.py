import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.mail import addresses
from channels_app.mail.addresses import normal_domain, normal_form, parse

NORMAL = {
    "Anna@Hosting-Client.EXAMPLE": "anna@hosting-client.example",
    '"anna"@one.example': "anna@one.example",
    '"a b"@one.example': '"a b"@one.example',
    '"a@victim.example"@evil.example': '"a@victim.example"@evil.example',
    "a@one.example.": "a@one.example",
    "a..b@docomo.example": "a..b@docomo.example",
    "ivan@почта.рф": "ivan@xn--80a1acny.xn--p1ai",
    "a@straße.example": "a@xn--strae-oqa.example",
    "a@ПОЧТА。рф": "a@xn--80a1acny.xn--p1ai",
    "a@xn--80a1acny.xn--p1ai": "a@xn--80a1acny.xn--p1ai",
    "root@localhost": "root@localhost",
    "a@[127.0.0.1]": "a@[127.0.0.1]",
    "ＡＢ@one.example": "ａｂ@one.example",
}
REFUSED = [
    "",
    "@",
    "a@",
    "@one.example",
    "a b@one.example",
    "a@b@one.example",
    "a@one..example",
    "a@-one.example",
    "a@one.example-",
    "a@one .example",
    "a@one.example\r\nBcc: x@y.example",
    "a\0b@one.example",
    '"a\nb"@one.example',
    "=?utf-8?q?a?=@one.example",
    "a(comment)@one.example",
    "a,b@one.example",
    "a@one.example>",
    "<a@one.example",
    "a@" + "x" * 64 + ".example",
    "a" * 250 + "@one.example",
    "a@one.exa\u200bmple",
    "a@[not an address]",
    '""@one.example',
]


@pytest.mark.parametrize(("written", "normal"), NORMAL.items())
def test_address_has_one_normal_form(written, normal):
    assert normal_form(written) == normal
    assert normal_form(normal) == normal


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_address_is_refused(written):
    assert normal_form(written) == ""


LISTS = {
    "plain": ("a@x.example, b@y.example", ["a@x.example", "b@y.example"]),
    "outlook semicolons": ("a@x.example; b@y.example;", ["a@x.example", "b@y.example"]),
    "comma in quotes": ('"Petrov, Ivan" <i@x.example>, b@y.example', ["i@x.example", "b@y.example"]),
    "group": ("Team: a@x.example, B <b@y.example>; c@z.example", ["a@x.example", "b@y.example", "c@z.example"]),
    "empty group": ("undisclosed-recipients:;", []),
    "comments": ("a(x)@(y)x.example (Anna (really)), b@y.example", ["b@y.example"]),
    "mailto in brackets": ("<mailto:a@x.example>", ["a@x.example"]),
    "double brackets": ("<<a@x.example>>", ["a@x.example"]),
    "bracket never closed": ("Anna <a@x.example, b@y.example", ["a@x.example", "b@y.example"]),
    "bracket never opened": ("a@x.example>", ["a@x.example"]),
    "quote never closed": ('"Anna <a@x.example>', ["a@x.example"]),
    "nothing": (" ,, ; ", []),
    "unquoted dots": ("J. R. Smith <j@x.example>", ["j@x.example"]),
    "outlook apostrophes": ("'a@x.example'", ["a@x.example"]),
}


@pytest.mark.parametrize(("value", "expected"), LISTS.values(), ids=LISTS.keys())
def test_address_list(value, expected):
    assert [mailbox.email for mailbox in parse(value).mailboxes][-len(expected) or None :] == expected


def test_first_hundred_recipients_are_kept_and_the_rest_counted():
    value = ", ".join(f"Person {n} <p{n}@x.example>" for n in range(10_000))
    parsed = parse(value)
    assert (len(parsed.mailboxes), parsed.left_out) == (100, 9_900)


@pytest.mark.parametrize(
    "value",
    ["(" * 200_000, "<" * 200_000, "<@" + ",a" * 100_000, '"' * 200_001, "a@b:" * 50_000, ",;:" * 70_000,
     "<a@x.example" * 20_000, "@" * 200_000, "a " * 100_000 + "@"],
    ids=["brackets", "angles", "route", "quotes", "colons", "separators", "open angles", "ats", "words"],
)  # fmt: skip
def test_hostile_header_takes_linear_time(value):
    begin = time.thread_time()
    parse(value)
    assert time.thread_time() - begin < 20


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab.@<>"(),;: \\[]=?яß\u202e\x00\n', max_size=40))
def test_whatever_parses_reads_back_as_itself(value):
    for mailbox in parse(value).mailboxes:
        if mailbox.email:
            again = parse(f"<{mailbox.email}>").mailboxes
            assert [each.email for each in again] == [mailbox.email]
            assert addresses.normal_form(mailbox.email) == mailbox.email


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_domain_is_normal_after_one_pass(text):
    normal = normal_domain(text)
    assert normal_domain(normal) == normal
    assert normal.isascii()
