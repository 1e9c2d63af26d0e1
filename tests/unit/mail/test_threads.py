import pytest

from tests.fixtures.mail.build import plain
from tests.unit.mail.reading import read

OURS = frozenset({"example.com"})


def test_tokens_are_found_in_envelope_and_headers_most_specific_first():
    raw = plain(
        "Delivered-To: support+Second@example.com\nCc: Desk <support+THIRD@Example.com>, x+foreign@other.example",
    )
    message = read(raw, envelope_to=("support+First@example.com",), reply_domains=OURS)
    assert message.reply_tokens == ("First", "Second", "THIRD")


@pytest.mark.parametrize(
    ("recipient", "tokens"),
    [
        ("support@example.com", ()),
        ("support+@example.com", ()),
        ("support+a.b-c_D@example.com", ("a.b-c_D",)),
        ("support+a+b@example.com", ("a+b",)),
        ("support+token@evil.example", ()),
        ("<support+token@example.com>", ("token",)),
        ("", ()),
    ],
)
def test_token_is_what_stands_after_the_plus_at_a_domain_of_ours(recipient, tokens):
    assert read(plain(), envelope_to=(recipient,), reply_domains=OURS).reply_tokens == tokens


def test_references_keep_their_order_and_their_first():
    ids = " ".join(f"<m{n}@x.example>" for n in range(500))
    message = read(plain(f"In-Reply-To: <m499@x.example>\nReferences: {ids}"))
    assert message.in_reply_to == ("m499@x.example",)
    assert len(message.references) == 100
    assert (message.references[0], message.references[-1]) == ("m0@x.example", "m499@x.example")


def test_reference_without_brackets_is_understood():
    assert read(plain("In-Reply-To: m1@x.example")).in_reply_to == ("m1@x.example",)
