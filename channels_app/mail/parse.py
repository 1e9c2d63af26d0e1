"""One raw mail into one `InboundMessage`. Raises nothing but `Unparseable`; what had to be repaired is a remark."""

import html
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from channels_app.mail import addresses, bodies, charsets, files, limits, nature, quotes, reports, structure, words
from channels_app.mail.addresses import AddressList, Mailbox
from channels_app.mail.headers import Headers
from channels_app.mail.language import language_of
from channels_app.mail.limits import Unparseable
from core.trust import Fact, FactKind
from tickets.contracts import Address, Attachment, BouncedRecipient, InboundMessage, Nature

__all__ = ["Unparseable", "parse"]

_ID = re.compile(r"<([^<>]{1,2000})>")
_BARE_ID = re.compile(r"[^\s<>,;()\"]+@[^\s<>,;()\"]+")
_WHITE = re.compile(r"\s+")
_DELIVERED = ("delivered-to", "x-delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_JUDGED_HEADERS = (
    "auto-submitted", "precedence", "x-auto-response-suppress", "x-loop", "return-path", "x-failed-recipients",
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply", "x-vacation",
    "list-id", "list-post", "list-unsubscribe", "list-help", "mailing-list", "x-mailing-list", "x-mailman-version",
    "in-reply-to", "references", "x-cron-env", "x-asterisk-callerid", "x-asterisk-callid", "x-voicemail",
    nature.LOOP_HEADER.lower(),
)  # fmt: skip
_REPORTS = {Nature.BOUNCE, Nature.RECEIPT, Nature.ABUSE_REPORT, Nature.MACHINE}
_JAPANESE = {"HIRAGANA", "KATAKANA", "CJK", "LATIN"}
# Cyrillic and Greek small letters that pass for Latin ones.
_PASS_FOR_LATIN = frozenset("асеорхуіјѕһԁԛԝοανρ")


def parse(
    raw: bytes,
    *,
    received_at: datetime,
    envelope_from: str | None = None,
    envelope_to: tuple[str, ...] = (),
    reply_domains: frozenset[str] = frozenset(),
) -> InboundMessage:
    """What `raw` says.

    `envelope_from` is "" for the null return path and None where no envelope is known; `reply_domains` are
    the domains at which "local+token@" is a reply address of ours (none given: any domain).
    Raises `Unparseable` when the mail asks for more than `limits` allow or the parser fails on it.
    """
    limits.check_size(raw)
    try:
        return _Letter(raw, received_at, envelope_from, envelope_to, reply_domains).message()
    except Unparseable:
        raise
    except RecursionError as error:
        raise Unparseable("too_deep") from error
    except MemoryError as error:
        raise Unparseable("out_of_memory") from error
    except Exception as error:  # a fault of ours: the mail waits in quarantine, nothing is lost
        raise Unparseable("parser_failed") from error


class _Letter:
    def __init__(
        self,
        raw: bytes,
        received_at: datetime,
        envelope_from: str | None,
        envelope_to: tuple[str, ...],
        reply_domains: frozenset[str],
    ) -> None:
        self.raw = raw
        self.received_at = received_at
        self.envelope_from = envelope_from
        self.envelope_to = envelope_to
        self.reply_domains = reply_domains
        self.remarks: list[str] = []

    def message(self) -> InboundMessage:
        if self.raw.startswith(files.OLE_MAGIC):
            return self._unreadable_file()
        root = structure.read(self.raw)
        self.headers: Headers = root.headers
        self.hint = _charset_of_text(root)
        content = bodies.read(root, hint=self.hint)
        self.remarks.extend(content.remarks)
        sender, facts = self._sender()
        subject = self._subject()
        to = self._list("to")
        cc = self._list("cc")
        reply_to = self._list("reply-to")
        new_text, quoted_text = quotes.strip_quotes(content.text)
        judgement = nature.judge(
            nature.Clues(
                headers=self._judged_headers(),
                kinds=content.kinds,
                report_type=root.parameters.get("report-type", "").lower(),
                subject=subject,
                sender=sender.email,
                envelope_from=self.envelope_from,
                text=content.text[:2000],
                written=new_text,
            )
        )
        is_bounce = judgement.nature is Nature.BOUNCE
        bounced, returned_ids = self._bounced(content) if is_bounce else ((), ())
        if judgement.nature in _REPORTS:
            new_text, quoted_text = content.text, ""
        return InboundMessage(
            sender=sender,
            received_at=self.received_at,
            subject=subject,
            text=new_text,
            quoted_text=quoted_text,
            html=content.html,
            language=language_of(new_text or quoted_text, subject),
            nature=judgement.nature,
            nature_reasons=judgement.reasons,
            to=_known(to),
            cc=_known(cc),
            reply_to=_known(reply_to),
            recipients_left_out=self._left_out(to, cc),
            message_id=self._message_id(),
            in_reply_to=self._ids("in-reply-to"),
            references=self._ids("references"),
            sent_at=self._sent_at(),
            reply_tokens=self._reply_tokens(),
            attachments=content.attachments,
            facts=facts,
            bounced=bounced,
            bounced_message_ids=returned_ids,
            remarks=tuple(dict.fromkeys(self.remarks)),
        )

    def _unreadable_file(self) -> InboundMessage:
        """Not a mail at all but an Outlook file: kept whole for people."""
        file = Attachment("message.msg", "application/vnd.ms-outlook", self.raw, note="unreadable")
        sender = addresses.normal_form((self.envelope_from or "").strip("<> "))
        return InboundMessage(
            sender=Address(sender),
            received_at=self.received_at,
            nature=Nature.PERSON if self.envelope_from else Nature.MACHINE,
            nature_reasons=() if self.envelope_from else ("null_return_path",),
            attachments=(file,),
            facts=(Fact(FactKind.FROM_HEADER, "missing"),),
            remarks=("not_a_mail", "no_from"),
        )

    # Who

    def _sender(self) -> tuple[Address, tuple[Fact, ...]]:
        values = [value for value in self.headers.get_all("from") if value.strip()]
        literal = words.tidy(", ".join(words.readable(value, hint=self.hint) for value in values[:5]))[
            : limits.MAX_LITERAL
        ]
        lists = [addresses.parse_bytes(value, limit=20, hint=self.hint) for value in values[:20]]
        chosen = _chosen(lists)
        verdict = "single"
        if not values:
            verdict = "missing"
            self.remarks.append("no_from")
        elif len(values) > 1 or sum(len(each.mailboxes) + each.left_out for each in lists) > 1:
            verdict = "several"
            self.remarks.append("several_from")
        elif chosen is None or not chosen.is_clean or lists[0].refused:
            verdict = "unreadable"
            self.remarks.append("unreadable_from")
        if chosen is None:
            chosen = self._stand_in(values)
        detail = {"count": max(len(values), sum(len(each.mailboxes) for each in lists))} if verdict == "several" else {}
        facts = [Fact(FactKind.FROM_HEADER, verdict, subject=chosen.email, detail=detail)]
        if imitation := look_alike(chosen.email.rpartition("@")[2]):
            facts.append(imitation)
        if _names_another(chosen):
            self.remarks.append("name_holds_other_address")
        return Address(chosen.email, chosen.name, literal), tuple(facts)

    def _stand_in(self, values: list[bytes]) -> Mailbox:
        """A contact address where From has none: an address hidden in encoded words, Reply-To, Return-Path, Sender."""
        name = ""
        for value in values[:5]:
            decoded = words.readable(value, hint=self.hint)
            found = addresses.parse(decoded, limit=20).mailboxes
            if found:
                return found[-1]
            name = name or decoded[: limits.MAX_LITERAL]
        for header in ("reply-to", "return-path", "sender", "x-sender"):
            for value in self.headers.get_all(header)[:5]:
                found = addresses.parse_bytes(value, limit=1, hint=self.hint).mailboxes
                if found:
                    return Mailbox(found[0].email, found[0].name or name, found[0].raw_local, is_clean=False)
        email = addresses.normal_form((self.envelope_from or "").strip("<> "))
        return Mailbox(email, name, is_clean=False)

    def _list(self, name: str) -> AddressList:
        parsed = [addresses.parse_bytes(value, hint=self.hint) for value in self.headers.get_all(name) if value]
        if len(parsed) == 1:
            return parsed[0]
        every = [mailbox for each in parsed for mailbox in each.mailboxes]
        left_out = sum(each.left_out for each in parsed) + max(0, len(every) - limits.MAX_ADDRESSES)
        return AddressList(tuple(every[: limits.MAX_ADDRESSES]), left_out)

    def _left_out(self, to: AddressList, cc: AddressList) -> int:
        left_out = to.left_out + cc.left_out
        if left_out:
            self.remarks.append("many_recipients")
        return left_out

    def _reply_tokens(self) -> tuple[str, ...]:
        """What stands after "+" in the addresses this mail went to, the envelope's first. Case is kept."""
        mailboxes: list[Mailbox] = []
        for recipient in self.envelope_to[: limits.MAX_ADDRESSES]:
            mailboxes.extend(addresses.parse(recipient, limit=1).mailboxes)
        for header in (*_DELIVERED, "to", "cc"):
            for value in self.headers.get_all(header)[:20]:
                if b"+" in value:
                    mailboxes.extend(addresses.parse_bytes(value).mailboxes)
        tokens: dict[str, None] = {}
        for mailbox in mailboxes:
            token = mailbox.raw_local.strip('"').partition("+")[2]
            domain = mailbox.email.rpartition("@")[2]
            if token and (not self.reply_domains or domain in self.reply_domains):
                tokens.setdefault(token, None)
        return tuple(tokens)

    # What

    def _subject(self) -> str:
        subject = words.readable(self.headers.get("subject"), hint=self.hint)
        if len(subject) > limits.MAX_SUBJECT:
            self.remarks.append("subject_cut")
            subject = subject[: limits.MAX_SUBJECT - 1].rstrip() + "…"
        return subject

    def _message_id(self) -> str:
        values = [value for value in self.headers.get_all("message-id") if value.strip(b"<> \t")]
        if not values:
            self.remarks.append("no_message_id")
            return ""
        if len(values) > 1:
            self.remarks.append("several_message_ids")
        text = words.tidy(words.header_text(values[0]))
        found = _ID.search(text)
        message_id = _WHITE.sub("", found[1] if found else text.strip("<> "))
        if len(message_id) > limits.MAX_MESSAGE_ID:
            self.remarks.append("no_message_id")
            return ""
        return message_id

    def _ids(self, name: str) -> tuple[str, ...]:
        text = " ".join(words.tidy(words.header_text(value)) for value in self.headers.get_all(name)[:10])
        if not text:
            return ()
        ids = [_WHITE.sub("", each) for each in _ID.findall(text)] or _BARE_ID.findall(text)
        ids = [each for each in dict.fromkeys(ids) if len(each) <= limits.MAX_MESSAGE_ID]
        return tuple(ids[:1] + ids[1:][-(limits.MAX_REFERENCES - 1) :])

    def _sent_at(self) -> datetime | None:
        value = words.tidy(words.header_text(self.headers.get("date")))
        if not value:
            self.remarks.append("no_date")
            return None
        try:
            sent_at = parsedate_to_datetime(value[:200])
            sent_at = (sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            self.remarks.append("bad_date")
            return None
        if not 1970 <= sent_at.year <= 2200:
            self.remarks.append("bad_date")
            return None
        if abs(sent_at - self.received_at) > timedelta(days=2):
            self.remarks.append("date_far_off")
        return sent_at

    # What kind

    def _judged_headers(self) -> dict[str, str]:
        headers = self.headers
        return {name: headers.text(name) for name in _JUDGED_HEADERS if name in headers}

    def _bounced(self, content: bodies.Content) -> tuple[tuple[BouncedRecipient, ...], tuple[str, ...]]:
        failed: dict[str, BouncedRecipient] = {}
        is_delayed = False
        has_report = False
        for part in content.reports:
            if part.kind.endswith("delivery-status"):
                has_report = True
                found, delayed = reports.read_report(part)
                is_delayed = is_delayed or delayed
                failed.update({each.address: each for each in found})
        ids = [returned for returned in map(reports.returned_id, content.returned[:20]) if returned]
        if not has_report or not ids:
            found, more_ids = reports.read_text_bounce(content.text, self.headers.get("x-failed-recipients"))
            if not has_report:
                failed.update({each.address: each for each in found})
            ids.extend(more_ids)
        if is_delayed and not failed:
            self.remarks.append("delivery_delayed")
        return tuple(failed.values()), tuple(dict.fromkeys(ids))


def _charset_of_text(root: structure.Part) -> str:
    """The charset of the first text part, the best hint for headers in raw eight-bit bytes."""
    for part in bodies.leaves(root):
        if part.kind.startswith("text/") and part.charset and charsets.codec(part.charset) not in ("", "utf-8"):
            return part.charset
    return ""


def _chosen(lists: Iterable[AddressList]) -> Mailbox | None:
    """The one sender: the first list that is in order gives its first mailbox, garbage gives its last that parses."""
    known = [each for each in lists if each.mailboxes]
    for each in known:
        if not each.refused and all(mailbox.is_clean for mailbox in each.mailboxes):
            return each.mailboxes[0]
    return known[0].mailboxes[-1] if known else None


def _known(found: AddressList) -> tuple[Address, ...]:
    return tuple(Address(mailbox.email, mailbox.name) for mailbox in found.mailboxes)


def _names_another(mailbox: Mailbox) -> bool:
    """Does the display name hold an address that is not the sender's?"""
    if "@" not in mailbox.name:
        return False
    inner = addresses.parse(html.unescape(mailbox.name), limit=3).mailboxes
    return any(each.email != mailbox.email for each in inner)


def look_alike(domain: str) -> Fact | None:
    """A domain in A-labels that mixes scripts, or is written in one that passes for Latin."""
    if "xn--" not in domain:
        return None
    shown = addresses.unicode_domain(domain)
    labels = shown.split(".")
    if any(map(_is_mixed, labels)) or (labels[-1].isascii() and any(map(_passes_for_latin, labels))):
        return Fact(FactKind.LOOK_ALIKE, "mixed_script", subject=domain, detail={"shown": shown})
    return None


def _is_mixed(label: str) -> bool:
    """Scripts mixed within one label, other than those that belong together."""
    letters = [character for character in label if character.isalpha()]
    scripts = {_script(character) for character in letters}
    if len(scripts) > 1:
        return not (
            scripts <= _JAPANESE or scripts <= {"CJK", "HANGUL", "LATIN"} or scripts <= {"CJK", "BOPOMOFO", "LATIN"}
        )
    return False


def _passes_for_latin(label: str) -> bool:
    letters = [character for character in label if character.isalpha()]
    return bool(letters) and all(letter in _PASS_FOR_LATIN for letter in letters)


@lru_cache(maxsize=2048)
def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]
