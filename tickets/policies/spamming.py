"""Is a letter spam when it comes in? Pure. It is never dropped for that: it becomes a ticket with the mark.

A blocked sender's letter is spam wherever it points to. The filter's verdict counts for new tickets only: who takes
part in a conversation may write what looks like spam. An allowed sender is spared the verdict, nothing else; how sure
we are who wrote is not asked here.
"""

from collections.abc import Iterable

from core.trust import Fact, FactKind
from tickets.enums import SenderList


def reason(facts: Iterable[Fact], *, listed: SenderList | None, opens: bool) -> str:
    """Why it is spam: "blocked" or "verdict"; empty where it is not."""
    if listed is SenderList.BLOCK:
        return "blocked"
    if listed is SenderList.ALLOW or not opens:
        return ""
    is_spam = any(fact.kind is FactKind.SPAM and fact.verdict == "spam" for fact in facts)
    return "verdict" if is_spam else ""
