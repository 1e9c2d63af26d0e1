"""What the spam filter of a configured hop said: rspamd or SpamAssassin.

Its headers carry no name of their own, so they are believed only where `Authentication-Results` of that hop would be:
above the line with which it took the mail (relayed.py). A stranger writes such headers too, below it.
"""

import re

from channels_app.mail_auth.block import Block, printable, unfold
from channels_app.mail_auth.relayed import written_by_hop
from channels_app.mail_auth.relays import Hop
from core.trust import Fact, FactKind

_YES = re.compile(r"(?:yes|true)\b", re.IGNORECASE)
_RSPAMD = re.compile(r"[\w.-]+:\s*(True|False)\s*\[\s*(-?[\d.]+)\s*/\s*(-?[\d.]+)\s*\]", re.IGNORECASE)
_ASSASSIN = re.compile(r"(Yes|No)\s*,\s*(?:score|hits)=(-?[\d.]+)\s+required=(-?[\d.]+)", re.IGNORECASE)
_ACTIONS = {"add header", "rewrite subject", "reject", "discard", "quarantine"}
_NAMES = frozenset(
    {
        b"x-spamd-result", b"x-spam-status", b"x-spam-flag", b"x-spam", b"x-spam-score", b"x-rspamd-score",
        b"x-rspamd-action",
    }
)  # fmt: skip


def facts(block: Block, hop: Hop) -> tuple[Fact, ...]:
    """One fact: `spam` where the filter says so, else `ham`, with its score; none where it is mute."""
    if not hop.trusted_authserv_ids or block.is_damaged:
        return ()
    said = [
        (name.decode(), printable(unfold(value), 2000))
        for name, value in written_by_hop(block, _NAMES, below=hop.results_below_received)
    ]
    if not said:
        return ()
    is_spam, score, required = False, "", ""
    for name, value in said:
        if name in {"x-spam-flag", "x-spam"}:
            is_spam |= bool(_YES.match(value))
        elif name == "x-rspamd-action":
            is_spam |= value.lower() in _ACTIONS
        elif name in {"x-spam-score", "x-rspamd-score"}:
            score = score or value[:12]
        elif found := (_RSPAMD if name == "x-spamd-result" else _ASSASSIN).match(value):
            score, required = found[2], found[3]
            is_spam |= bool(_YES.match(found[1]))
    return (Fact(FactKind.SPAM, "spam" if is_spam else "ham", detail={"score": score, "required": required}),)
