"""A spam filter's headers count where our own hop wrote them, and nowhere else."""

import pytest

from channels_app.mail_auth import block, spam_verdict
from channels_app.mail_auth.relays import Hop
from core.trust import FactKind

RELAY = Hop("relay", trusted_authserv_ids=frozenset({"mx.example.com"}))
RECEIVED = "Received: from evil.example by mx.example.com with ESMTP; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
REST = "From: a@client.example\r\nSubject: x\r\n\r\nbody\r\n"


def verdicts(above: str, below: str = "", hop: Hop = RELAY) -> list[tuple[str, str]]:
    raw = f"{above}{RECEIVED}{below}{REST}".encode()
    found = spam_verdict.facts(block.split(raw), hop)
    assert all(fact.kind is FactKind.SPAM for fact in found)
    return [(fact.verdict, str(fact.detail["score"])) for fact in found]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("X-Spamd-Result: default: True [15.30 / 15.00];\r\n\tBAYES_SPAM(5.1)[]\r\n", ("spam", "15.30")),
        ("X-Spamd-Result: default: False [1.20 / 15.00]; R_SPF_ALLOW(-0.2)[]\r\n", ("ham", "1.20")),
        ("X-Rspamd-Action: add header\r\nX-Rspamd-Score: 7.5\r\n", ("spam", "7.5")),
        ("X-Rspamd-Action: no action\r\n", ("ham", "")),
        ("X-Spam: Yes\r\n", ("spam", "")),
        ("X-Spam-Flag: YES\r\n", ("spam", "")),
        ("X-Spam-Status: Yes, score=7.1 required=5.0 tests=BAYES_99 autolearn=no\r\n", ("spam", "7.1")),
        ("X-Spam-Status: No, score=-1.9 required=5.0\r\n\ttests=BAYES_00\r\n", ("ham", "-1.9")),
        ("X-Spam-Status: nonsense\r\n", ("ham", "")),
    ],
)
def test_what_our_hop_wrote_is_a_fact(headers, expected):
    assert verdicts(headers) == [expected]


def test_what_a_stranger_wrote_below_is_nothing():
    assert verdicts("", "X-Spam-Status: No, score=-9 required=5\r\nX-Spam-Flag: YES\r\n") == []


def test_a_stranger_cannot_speak_for_a_hop_that_is_not_configured():
    assert verdicts("X-Spam-Flag: YES\r\n", hop=Hop("edge")) == []


def test_a_mail_without_a_verdict_has_none():
    assert verdicts("") == []
