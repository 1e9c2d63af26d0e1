"""What a domain publishes, judged."""

import pytest

from channels_app.policies.dns_records import (
    Verdict,
    judge_dkim,
    judge_dmarc,
    judge_mx,
    judge_spf,
    tags,
    to_publish,
)

OURS = "v=DKIM1; k=rsa; p=QUJD"


@pytest.mark.parametrize(
    ("targets", "is_ours", "expected"),
    [
        pytest.param([], True, (Verdict.MISSING, "mx_missing"), id="none"),
        pytest.param(["."], True, (Verdict.DIFFERENT, "mx_null"), id="a domain that takes no mail"),
        pytest.param(["mail.other.example."], True, (Verdict.DIFFERENT, "mx_elsewhere"), id="mail goes elsewhere"),
        pytest.param(["mail.other.example."], False, (Verdict.PRESENT, ""), id="elsewhere, where we fetch it"),
        pytest.param(["b.example.", "Desk.Example.com."], True, (Verdict.PRESENT, ""), id="here, among others"),
    ],
)
def test_mx(targets, is_ours, expected) -> None:
    seen = judge_mx(targets, our_host="desk.example.com", is_ours=is_ours)
    assert (seen.verdict, seen.reason) == expected


@pytest.mark.parametrize(
    ("texts", "verdict", "expected"),
    [
        pytest.param(["google-site-verification=x"], "none", (Verdict.MISSING, "spf_missing"), id="none"),
        pytest.param(["v=spf1 -all", "v=spf1 mx -all"], "permerror", (Verdict.DIFFERENT, "several_records"), id="two"),
        pytest.param(["v=spf1 +ALL"], "pass", (Verdict.DIFFERENT, "spf_allows_everybody"), id="everybody may"),
        pytest.param(["v=spf1 mx -all"], "fail", (Verdict.DIFFERENT, "spf_relay_not_named"), id="the relay may not"),
        pytest.param(["v=spf1 mx ~all"], "softfail", (Verdict.DIFFERENT, "spf_relay_not_named"), id="perhaps not"),
        pytest.param(["v=spf1 bad:x"], "permerror", (Verdict.DIFFERENT, "spf_broken"), id="not to be read"),
        pytest.param(["v=spf1 mx -all"], "", (Verdict.UNKNOWN, "relay_not_known"), id="no relay to ask about"),
        pytest.param(["v=spf1 mx -all"], "pass", (Verdict.PRESENT, ""), id="the relay may"),
    ],
)
def test_spf(texts, verdict, expected) -> None:
    seen = judge_spf(texts, verdict=verdict)
    assert (seen.verdict, seen.reason) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([], (Verdict.MISSING, "dkim_missing"), id="none"),
        pytest.param(["v=DKIM1; p=QU JD; k=rsa"], (Verdict.PRESENT, ""), id="ours, folded and in another order"),
        pytest.param(["v=DKIM1; k=rsa; p=REVG"], (Verdict.DIFFERENT, "dkim_other_key"), id="another key"),
        pytest.param(["v=DKIM1; p="], (Verdict.DIFFERENT, "dkim_revoked"), id="withdrawn"),
        pytest.param([OURS, OURS], (Verdict.DIFFERENT, "several_records"), id="two"),
    ],
)
def test_dkim(texts, expected) -> None:
    seen = judge_dkim(texts, ours=OURS)
    assert (seen.verdict, seen.reason) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["v=spf1 -all"], (Verdict.MISSING, "dmarc_missing"), id="none"),
        pytest.param(["v=DMARC1; p=reject"], (Verdict.PRESENT, ""), id="rejects"),
        pytest.param(["v=DMARC1; p=none"], (Verdict.PRESENT, "dmarc_only_watches"), id="only watches"),
        pytest.param(["v=DMARC1; p=explode"], (Verdict.DIFFERENT, "dmarc_no_policy"), id="no policy"),
        pytest.param(["v=DMARC1; p=none", "v=DMARC1; p=reject"], (Verdict.DIFFERENT, "several_records"), id="two"),
    ],
)
def test_dmarc(texts, expected) -> None:
    seen = judge_dmarc(texts)
    assert (seen.verdict, seen.reason) == expected


def test_what_to_publish_names_the_relay() -> None:
    def spf(relay_host: str) -> str:
        wanted = to_publish("a.example", selector="desk", dkim=OURS, our_host="desk.a.example", relay_host=relay_host)
        return wanted[1].value

    assert spf("relay.example") == "v=spf1 mx a:relay.example ~all"
    assert spf("10.0.0.1") == "v=spf1 mx ip4:10.0.0.1 ~all"
    assert spf("::1") == "v=spf1 mx ip6:::1 ~all"
    assert spf("") == "v=spf1 mx ~all"


def test_tags_are_read_without_the_spaces_of_folding() -> None:
    assert tags(" v=DKIM1 ;p = QU JD;; n") == {"v": "DKIM1", "p": "QUJD", "n": ""}
