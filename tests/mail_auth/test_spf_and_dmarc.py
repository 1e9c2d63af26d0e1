import pytest

from channels_app.mail_auth.dmarc import is_aligned, organization
from channels_app.mail_auth.evaluate import Hop, evaluate
from channels_app.mail_auth.resolver import Resolver
from core.clock import now
from core.trust import Fact, FactKind

from .crafting import ANNA, HERE, craft, mail, of


def edge(mail_from: str = ANNA, client_ip: str = "127.0.0.1", helo: str = "mail.hosting-client.example") -> Hop:
    return Hop("edge", client_ip=client_ip, helo=helo, mail_from=mail_from)


def spf(resolver: Resolver, hop: Hop) -> Fact:
    return of(evaluate(mail(), hop=hop, resolver=resolver, now=now()), FactKind.SPF)[0]


def dmarc(resolver: Resolver, raw: bytes, hop: Hop) -> Fact:
    facts = evaluate(raw, hop=hop, resolver=resolver, now=now())
    assert facts[-1].kind is FactKind.DMARC
    return facts[-1]


@pytest.mark.parametrize(
    ("hop", "expected"),
    [
        pytest.param(edge(), "pass", id="a server the domain names"),
        pytest.param(edge(client_ip="::1"), "pass", id="its address of version six"),
        pytest.param(edge(client_ip="::ffff:127.0.0.1"), "pass", id="an address of version four in one of six"),
        pytest.param(edge(client_ip="192.0.2.9"), "fail", id="another server"),
        pytest.param(edge("x@bare.example"), "none", id="a domain that says nothing"),
        pytest.param(edge("x@nowhere.example"), "none", id="a domain that does not exist"),
        pytest.param(edge("x@two-spf.example"), "permerror", id="two records"),
        pytest.param(edge("x@loop.example"), "permerror", id="a record that includes itself"),
        pytest.param(edge("x@voids.example"), "permerror", id="too many names that do not exist"),
        pytest.param(edge("x@by-mx.example"), "pass", id="by its mail exchanger"),
        pytest.param(edge("x@by-include.example"), "pass", id="by another domain's record"),
        pytest.param(edge("x@by-macro.example"), "pass", id="by a name made of the address"),
        pytest.param(edge("x@by-macro.example", client_ip="127.0.0.9"), "fail", id="by such a name that is missing"),
        pytest.param(edge("x@broken.example"), "temperror", id="its name server is ill"),
        pytest.param(edge("", helo=HERE), "pass", id="the null return path is judged by its greeting"),
        pytest.param(edge("", helo=""), "none", id="neither sender nor greeting"),
        pytest.param(edge("", helo="[127.0.0.1]"), "none", id="a greeting that is an address"),
        pytest.param(edge(client_ip=""), "none", id="no address"),
        pytest.param(edge(client_ip="unix"), "permerror", id="an address that is none"),
        pytest.param(edge("nobody"), "none", id="a sender without domain"),
        pytest.param(edge("a@b@hosting-client.example"), "pass", id="a sender with two at-signs"),
        pytest.param(edge("x@" + "a." * 200 + "example"), "none", id="a sender with an endless domain"),
        pytest.param(edge("x@почта.example"), "none", id="a sender in Cyrillic"),
    ],
)
def test_spf_of_the_envelope_sender(resolver, hop, expected):
    assert spf(resolver, hop).verdict == expected


def test_spf_waits_no_longer_than_the_budget_of_the_mail(hurried):
    found = spf(hurried, edge("x@by-slow.example"))
    assert found.verdict == "temperror"


def test_spf_tells_which_identity_was_judged(resolver):
    assert spf(resolver, edge("")).detail["identity"] == "helo"
    assert spf(resolver, edge()).detail == {
        "identity": "mailfrom",
        "client_ip": "127.0.0.1",
        "helo": "mail.hosting-client.example",
    }


@pytest.mark.parametrize(
    ("author", "hop", "expected", "policy"),
    [
        pytest.param(ANNA, edge(), "pass", "reject", id="the author's own domain sent it"),
        pytest.param(f"anna@www.{HERE}", edge(), "pass", "reject", id="a name below the domain that sent it"),
        pytest.param(ANNA, edge("m@elsewhere.example"), "fail", "reject", id="another domain passes and means nothing"),
        pytest.param(
            "x@watching.example", edge("m@elsewhere.example"), "fail", "none", id="a domain that only watches"
        ),
        pytest.param("x@careful.example", edge("m@elsewhere.example"), "fail", "quarantine", id="a careful domain"),
        pytest.param("x@strict.example", edge("x@strict.example"), "pass", "reject", id="strict, the very same domain"),
        pytest.param("x@strict.example", edge("x@sub.strict.example"), "fail", "reject", id="strict, a name below"),
        pytest.param(
            "x@a.parent.example", edge("m@elsewhere.example"), "fail", "quarantine", id="the wish for names below"
        ),
        pytest.param("x@parent.example", edge("m@elsewhere.example"), "fail", "reject", id="the wish for the domain"),
        pytest.param(
            "x@ramping.example", edge("m@elsewhere.example"), "fail", "none", id="a wish for a part, one step down"
        ),
        pytest.param(
            "x@half.example", edge("m@elsewhere.example"), "fail", "quarantine", id="rejection of a half, one down"
        ),
        pytest.param("x@trying.example", edge("m@elsewhere.example"), "fail", "none", id="a policy being tried"),
        pytest.param("x@mumble.example", edge("m@elsewhere.example"), "fail", "none", id="a policy nobody understands"),
        pytest.param("x@twice.example", edge("m@elsewhere.example"), "none", None, id="two policies are none"),
        pytest.param("x@bare.example", edge("m@elsewhere.example"), "none", None, id="no policy"),
        pytest.param("x@nowhere.example", edge("m@elsewhere.example"), "none", None, id="no such domain"),
        pytest.param("x@[127.0.0.1]", edge("m@elsewhere.example"), "none", None, id="an author at an address"),
        pytest.param(
            "x@broken.example", edge("m@elsewhere.example"), "temperror", None, id="the policy cannot be read"
        ),
    ],
)
def test_dmarc_of_the_author(resolver, author, hop, expected, policy):
    fact = dmarc(resolver, mail(author=author), hop)
    assert (fact.verdict, fact.detail.get("policy")) == (expected, policy)
    assert fact.detail["author"] == author


def test_a_signature_alone_is_enough_when_the_sending_server_is_not_the_domains(resolver, keys):
    fact = dmarc(resolver, craft(mail(), keys[HERE]), edge("list@elsewhere.example"))
    assert (fact.verdict, fact.detail["aligned"]) == ("pass", [f"dkim:{HERE}"])


def test_a_signature_of_somebody_else_vouches_for_nothing(resolver, keys):
    raw = craft(mail(), keys["other-client.example"], domain="other-client.example")
    assert dmarc(resolver, raw, edge("m@elsewhere.example")).verdict == "fail"


def test_a_domain_without_policy_may_still_stand_behind_its_mail(resolver, keys):
    raw = craft(mail(author="x@no-policy.example"), keys["no-policy.example"], domain="no-policy.example")
    fact = dmarc(resolver, raw, edge("m@elsewhere.example"))
    assert (fact.verdict, fact.detail["aligned"]) == ("none", ["dkim:no-policy.example"])


def test_a_failure_that_rests_on_a_silent_server_of_the_author_is_a_temporary_error(resolver, hurried):
    raw = mail(author="x@strict.example")
    assert dmarc(hurried, raw, edge("x@late.strict.example")).verdict == "temperror"
    assert dmarc(hurried, mail(author="x@slow.example"), edge("x@slow.example")).verdict == "temperror"


def test_a_forgers_slow_servers_do_not_use_up_the_time_of_the_real_domain(hurried, keys):
    raw = mail()
    for number in range(8):
        raw = craft(raw, keys[HERE], domain=f"s{number}.slow.example")
    fact = dmarc(hurried, craft(raw, keys["other-client.example"]), edge("m@slow.example"))
    assert (fact.verdict, fact.detail["policy"]) == ("fail", "reject")


@pytest.mark.parametrize(
    ("author", "reason"),
    [
        pytest.param("a@one.example, b@two.example", "several_from", id="two authors in one field"),
        pytest.param("a@one.example\r\nFrom: b@two.example", "several_from", id="two fields"),
        pytest.param("a@one.example\r\nFROM : b@two.example", "several_from", id="a second field with a blank"),
        pytest.param("a@one.example\r\nFrom: a@one.example", "several_from", id="the same twice"),
        pytest.param("", "from_missing", id="an empty field"),
        pytest.param("nobody", "from_unreadable", id="no address"),
        pytest.param('"Yangzhou" <>', "from_unreadable", id="empty brackets"),
        pytest.param("=?utf-8?q?a=40one.example?=@two.example", "from_unreadable", id="an encoded word as local part"),
        pytest.param("a@one.example <b@two.example>", "from_unreadable", id="one address where the name belongs"),
        pytest.param("a@one.example b@two.example", "from_unreadable", id="two addresses without a comma"),
        pytest.param("<a@one.example> <b@two.example>", "from_unreadable", id="two brackets"),
        pytest.param("a@one.example@two.example", "from_unreadable", id="two at-signs"),
        pytest.param("<@one.example:b@two.example>", "from_unreadable", id="a source route"),
    ],
)
def test_without_one_undoubted_author_nothing_is_vouched_for(resolver, author, reason):
    fact = dmarc(resolver, mail(author=author), edge())
    assert (fact.verdict, fact.detail["reason"]) == ("permerror", reason)


@pytest.mark.parametrize(
    ("author", "address"),
    [
        ('"a@victim.example"@elsewhere.example', '"a@victim.example"@elsewhere.example'),
        ("(victim@hosting-client.example) m@elsewhere.example", "m@elsewhere.example"),
        ('"anna@hosting-client.example" <m@elsewhere.example>', "m@elsewhere.example"),
        ("Петрова, Анна <ANNA@Hosting-Client.Example>", ANNA),
    ],
)
def test_the_author_is_the_address_and_never_the_words_beside_it(resolver, author, address):
    assert dmarc(resolver, mail(author=author), edge("m@elsewhere.example")).detail.get("author") == address


def test_a_carriage_return_cannot_hide_a_second_author_behind_a_signature(resolver, keys):
    raw = craft(mail(), keys[HERE]).replace(b"Subject: Question", b"Subject: Question\rFrom: evil@two.example", 1)
    assert dmarc(resolver, raw, edge("m@elsewhere.example")).verdict == "fail"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("mail.example.co.uk", "example.co.uk"),
        ("a.b.example.com", "example.com"),
        ("anna.github.io", "anna.github.io"),
        ("co.uk", "co.uk"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("localhost", "localhost"),
    ],
)
def test_the_organization_is_what_somebody_registered(domain, expected):
    assert organization(domain) == expected


@pytest.mark.parametrize(
    ("domain", "author_domain", "strict", "expected"),
    [
        ("a.example.com", "b.example.com", False, True),
        ("a.example.com", "b.example.com", True, False),
        ("evilexample.com", "example.com", False, False),
        ("one.github.io", "two.github.io", False, False),
        ("co.uk", "example.co.uk", False, False),
        ("", "example.com", False, False),
    ],
)
def test_alignment(domain, author_domain, strict, expected):
    assert is_aligned(domain, author_domain, is_strict=strict) is expected
