"""Every code that the rules can produce has words, in both languages. The codes are read from where they are born."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.utils.translation import override

from assurance.access import FIELDS
from assurance.policies.levels import EVIDENCE_LIFETIME, REASONS
from channels_app.mail.invitation import NOTES
from core.trust import Level
from customers.policies.identity import Certainty, ClaimKind
from tickets import event_types
from tickets.contracts import Nature, SendStatus
from tickets.enums import Kind, Metric, Priority, Scale, Status
from tickets.queries import SHOWN_EVENTS
from tickets.services.intake import NOTED_ONLY
from web.desk import mail_words, words

TABLES = vars(words) | vars(mail_words)
ROOT = Path(__file__).resolve().parent.parent.parent


def leaves(kind: type) -> Iterable[type]:
    below = kind.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] if below else [kind]


# table -> where its codes are born: files, and what a code looks like there
BORN = {
    "QUARANTINED": [
        ("channels_app/mail/*.py", r'Unparseable\("(\w+)"'),
        ("channels_app/filing.py", r'QUARANTINED[^)]*reason="(\w+)"'),
        ("channels_app/filing.py", r'_quarantine\(raw, "(\w+)"'),
    ],
    "REFUSALS": [("tickets/services/*.py", r'Refused\("(\w+)"'), ("web/desk/*.py", r'Refused\("(\w+)"'),
        ("channels_app/typed.py", r'Refused\("(\w+)"')],
    "WITHHELD": [
        ("tickets/policies/auto_reply.py", r'Decision\(Form\.NONE, "(\w+)"'),
    ],
    "DELIVERY_CODES": [
        ("channels_app/drivers/email.py", r'SendReceipt\(SendStatus\.\w+, "(\w+)"'),
        ("channels_app/drivers/email.py", r'            return "(\w+)"'),
        ("channels_app/outbound.py", r'is_code else "(\w+)"'),
    ],
    "DOOR_REASONS": [
        ("channels_app/smtpd.py", r'turned_away\((?:self\.)?session, "(\w+)"'),
        ("channels_app/smtpd.py", r'^    "(\w+)": "4'),
    ],
    "MAIL_REASONS": [
        ("tickets/services/intake.py", r'Outcome\.REFUSED, "(\w+)"'),
        ("tickets/services/intake.py", r'reason="(\w+)"'),
        ("tickets/services/intake.py", r'reason="spam" if ticket.is_spam else "(\w+)"'),
        ("tickets/services/surroundings.py", r'Outcome\.JOINED, "(\w+)"'),
        ("tickets/services/surroundings.py", r'SIDE_LETTER = "(\w+)"'),
        ("tickets/policies/spamming.py", r'return "(\w+)"'),
    ],
    "WARNINGS": [
        ("channels_app/mail/*.py", r'remarks\.append\("(\w+)"'),
        ("channels_app/mail/*.py", r'remarks\.append\([^)]* else "(\w+)"'),
        ("channels_app/mail/*.py", r'remarks \+= \("(\w+)"'),
        ("channels_app/mail/*.py", r'remarks=\("(\w+)"'),
        ("channels_app/mail/charsets.py", r'"(\w+_charset|damaged_\w+)"'),
    ],
    "FILE_NOTES": [
        ("channels_app/mail/bodies.py", r'note="(\w+)"'),
        ("channels_app/mail/bodies.py", r'            return "(\w+)"'),
        ("channels_app/mail/invitation.py", r'NOTES\.get\(method, "(\w+)"'),
    ],
}  # fmt: skip
KNOWN = {
    "STATUSES": Status,
    "KINDS": Kind,
    "SCALES": Scale,
    "PRIORITIES": Priority,
    "METRICS": Metric,
    "LEVELS": Level,
    "ADVICE": Level,
    "CLAIMS": ClaimKind,
    "CERTAINTIES": Certainty,
    "FIELDS": FIELDS,
    "REASONS": REASONS,
    "WARNINGS": REASONS,
    "QUARANTINED": REASONS,
    "MAIL_REASONS": [*REASONS, *NOTED_ONLY, *(f"{nature}_without_ticket" for nature in NOTED_ONLY)],
    "NATURES": [nature for nature in Nature if nature != Nature.PERSON],
    "WITHHELD": [f"nature_{nature}" for nature in Nature if nature != Nature.PERSON],
    "DELIVERIES": ["queued", "bounced", *SendStatus],
    "FILE_NOTES": NOTES.values(),
    "EVENTS": SHOWN_EVENTS,
    "EVIDENCE": EVIDENCE_LIFETIME,
    "PACKED_EVENTS": {each.__name__ for each in leaves(event_types.TicketEvent)} - set(words.EVENTS),
}


def born(table: str) -> Iterable[str]:
    for files, pattern in BORN[table]:
        found = {
            code
            for path in ROOT.glob(files)
            for code in re.findall(pattern, path.read_text(), re.DOTALL | re.MULTILINE)
        }
        assert found, f"nothing looks like {pattern} in {files} any more"
        yield from sorted(found)


def codes() -> Iterable[tuple[str, str]]:
    for table in BORN:
        yield from ((table, code) for code in born(table))
    for table, members in KNOWN.items():
        yield from ((table, str(getattr(code, "value", code))) for code in members)


@pytest.mark.parametrize(("table", "code"), sorted(set(codes())))
def test_a_code_reads_in_both_languages(table, code):
    entry = TABLES[table].get(code)
    assert entry is not None, f"web/desk/*words.py, {table}: no words for {code!r}"
    word = entry[0] if isinstance(entry, tuple) else entry
    with override("en"):
        english = str(word)
    with override("ru"):
        russian = str(word)
    assert english
    assert re.search("[а-яё]", russian, re.IGNORECASE), f"{code}: {russian!r} is not Russian"


def test_an_unknown_code_is_shown_rather_than_nothing():
    assert words.word(words.REFUSALS, "quite_new") == "quite_new"
