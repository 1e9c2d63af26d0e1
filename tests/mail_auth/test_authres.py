"""The grammar of RFC 8601, its examples, and what strangers get into a provider's own header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.mail_auth import authres


def read(text: str) -> authres.Results:
    found = authres.parse(text.encode())
    assert found is not None
    return found


def test_no_result_is_understood():
    assert read("example.org 1; none") == authres.Results("example.org", ())


def test_several_methods_keep_their_own_properties():
    found = read(
        "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net;"
        ' dkim=fail reason="signature too old" header.d=victim.example; dkim=pass header.i=@other.example'
    )
    assert [(each.method, each.verdict) for each in found.results] == [
        ("auth", "pass"),
        ("spf", "pass"),
        ("dkim", "fail"),
        ("dkim", "pass"),
    ]
    assert found.of("dkim")[0].properties == {"reason": "signature too old", "header.d": "victim.example"}
    assert found.of("dkim")[1].properties == {"header.i": "@other.example"}


def test_comments_stand_anywhere_and_nest():
    found = read(
        "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
        " policy (A dot can go here) . (like that) expired (this (was) surprised) = (as I am) 1362471462"
    )
    assert found.authserv_id == "foo.example.net"
    assert found.of("dkim")[0].properties == {"policy.expired": "1362471462"}


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        pytest.param(
            "mx.google.com;\r\n       dkim=pass header.i=@hosting-client.example header.s=desk header.b=Ab+/12Z;\r\n"
            "       spf=pass (google.com: domain of a+b=c@x.example designates 192.0.2.1 as permitted sender)"
            " smtp.mailfrom=a+b=c@x.example;\r\n"
            "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=hosting-client.example",
            {"header.from": "hosting-client.example"},
            id="as Gmail writes",
        ),
        pytest.param(
            "mx.example.net; dmarc=pass (policy=reject) header.from=hosting-client.example action=none;",
            {"header.from": "hosting-client.example", "action": "none"},
            id="with a bare action and a last semicolon",
        ),
        pytest.param(
            'mx.example.net; dmarc=pass header.from="hosting-client.example"',
            {"header.from": "hosting-client.example"},
            id="with a quoted value",
        ),
        pytest.param(
            "MX.Example.Net; DMARC=Pass Header.From=hosting-client.example",
            {"header.from": "hosting-client.example"},
            id="in capitals",
        ),
    ],
)
def test_what_providers_write_is_understood(text, properties):
    (found,) = read(text).of("dmarc")
    assert (found.verdict, found.properties) == ("pass", properties)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("dmarc=pass", id="no authserv-id"),
        pytest.param("mx.example.net dmarc=pass header.from=a.example", id="no semicolon"),
        pytest.param("mx.example.net 2; dmarc=pass", id="an unknown version"),
        pytest.param("mx.example.net; dmarc pass", id="no equals sign"),
        pytest.param("mx.example.net; dmarc=", id="no verdict"),
        pytest.param("mx.example.net; dmarc=pass header.from", id="a property without value"),
        pytest.param("mx.example.net; dmarc=pass =x", id="a value without property"),
        pytest.param("mx.example.net; dmarc/2=pass", id="an unknown version of a method"),
        pytest.param("mx.example.net; spf=fail (open; dmarc=pass", id="a comment that never ends"),
        pytest.param('mx.example.net; spf=fail smtp.mailfrom="a; dmarc=pass', id="a quote that never ends"),
        pytest.param("mx.example.net; spf=fail smtp.mailfrom=a dmarc=pass", id="a second verdict without semicolon"),
        pytest.param("mx.example.net; dmarc=fail header.from=a.example; dmarc=pass", id="DMARC twice"),
        pytest.param("mx.example.net; dmarc=pass; dmarc=pass", id="DMARC twice alike"),
        pytest.param(
            "mx.example.net; spf=fail smtp.mailfrom=a; spf=pass smtp.mailfrom=b", id="SPF of the sender twice"
        ),
        pytest.param(
            "mx.example.net; dkim=pass header.d=a.example header.d=b.example", id="two signers in one verdict"
        ),
        pytest.param(
            'mx.example.net; spf=pass (domain of "x) dmarc=pass (y"@e.example) smtp.mailfrom=e.example',
            id="a local part that closes the comment",
        ),
        pytest.param(
            'mx.example.net; spf=pass (domain of "x); dmarc=pass header.from=v.example (y"@e.example)',
            id="a local part that closes the comment and begins a method",
        ),
        pytest.param(
            'mx.example.net; spf=pass (domain of "a\\"b); dmarc=pass header.from=v.example (y"@e.example)',
            id="the same with an escaped quote",
        ),
        pytest.param(
            'mx.example.net; spf=pass (domain of a."b); dmarc=pass header.from=v.example ("@e.example)',
            id="the same in an obsolete local part",
        ),
        pytest.param(
            'mx.example.net; spf=pass smtp.mailfrom="x"; dmarc=pass"@e.example',
            id="a quoted address with a method in it",
        ),
        pytest.param("mx.example.net; dmarc=pass\x00", id="a NUL"),
        pytest.param("mx.example.net; " + "spf=none; " * 60, id="endless verdicts"),
        pytest.param("mx.example.net; spf=pass (" + "x" * 20_000 + ")", id="endless words"),
        pytest.param("mx.example.net; spf=pass " + "(" * 10_000, id="endless parentheses"),
        pytest.param("(a comment) ; dmarc=pass", id="a comment in place of the authserv-id"),
    ],
)
def test_a_header_with_any_doubt_is_not_believed(text):
    assert authres.parse(text.encode()) is None


def test_a_closed_quote_in_a_comment_is_harmless():
    assert read('mx.example.net; spf=pass (of "a b"@c.example) smtp.mailfrom=c.example').of("spf")


def test_a_verdict_inside_a_quoted_sender_is_a_part_of_the_sender():
    found = read('mx.example.net; spf=pass smtp.mailfrom="x; dmarc=pass header.from=v.example"@e.example')
    assert not found.of("dmarc")
    assert found.of("spf")[0].properties["smtp.mailfrom"].endswith('"@e.example')


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_failing(value):
    authres.parse(value)


@given(st.text(alphabet='ab=;.()"\\/1 @\r\n-', max_size=120))
def test_any_marks_are_read_without_failing(text):
    authres.parse(b"mx.example.net; " + text.encode())


LOCAL_PART = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@given(LOCAL_PART)
def test_no_quoted_sender_gets_a_verdict_into_his_providers_header(content):
    escaped = content.replace("\\", "\\\\").replace('"', '\\"')
    sender = f'"{escaped}"@evil.example'
    header = f"mx.example.net; spf=pass (mx.example.net: domain of {sender} is fine) smtp.mailfrom={sender}"
    found = authres.parse(header.encode())
    assert found is None or [each.method for each in found.results] == ["spf"]
