"""What wrote a letter: a person or one of the kinds of machine. A pure decision with its reasons.

RFC 3834 and what real senders do instead. An ordinary letter whose subject speaks of holidays or deliveries stays
a letter; what counts as the words of an automatic answer stands in absence.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels_app.mail import absence
from tickets.contracts import Nature

LOOP_HEADER = "X-Helpdesk-Loop"

_MAILER = re.compile(
    r"^(?:mailer-?daemon|mail-daemon|mdaemon|maildaemon|microsoftexchange[0-9a-f]+)(?:[+@]|$)", re.IGNORECASE
)
_POSTMASTER = re.compile(r"^postmaster(?:[+@]|$)", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply[-_.+].*|bounces?|bounce[-+].*)@|^[^@]*[-_.+]no-?reply@",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"failure notice|undeliver|delivery (?:status )?notification|delivery (?:has )?fail|mail delivery (?:failed|system)"
    r"|returned mail|delivery failure|mail system error|could not (?:be )?deliver|warning: message .* delayed|"
    r"недостав|не доставлено|не удалось доставить|ошибка доставки|unzustellbar|nicht zugestellt|non remis|undelivered",
    re.IGNORECASE,
)
_QMAIL = re.compile(r"\bthis is the (?:qmail-send|deliver) program at\b", re.IGNORECASE)
_EXIM = re.compile(r"this message was created automatically by mail delivery software", re.IGNORECASE)
_ABSENCE_SUBJECT = re.compile(
    r"^\s*(?:re:\s*)?(?:автоответ(?:чик)?|автоматический ответ|вне офиса|нет на месте|"
    r"auto(?:matic)?[- ]?(?:reply|response)|"
    r"out of (?:the )?office(?: (?:auto)?-?(?:reply|response))?|autoreply|vacation(?: reply)?|away from (?:my )?mail|"
    r"abwesen\w*|automatische antwort|réponse automatique|respuesta automática)\s*(?::|$|-)",
    re.IGNORECASE,
)
_READ_SUBJECT = re.compile(
    r"^\s*(?:read|прочитано|прочтено|gelesen|return receipt|disposition notification)\b[^:]{0,40}:", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clues:
    """What the decision looks at. Header names are lower case, values are lower-case text."""

    headers: Mapping[str, str]
    kinds: Sequence[str]  # media types of the parts, the letter's own first
    report_type: str  # parameter of multipart/report
    subject: str
    sender: str  # address, "" if none
    envelope_from: str | None  # "" is the null return path, None is unknown
    text: str = ""
    written: str = ""  # the text without what it quotes


@dataclass(frozen=True, slots=True)
class Judgement:
    nature: Nature
    reasons: tuple[str, ...] = ()


def judge(clues: Clues) -> Judgement:
    """The nature of a letter; the strongest reason first."""
    for rule in (_report, _bounce, _auto_reply, _list, _machine):
        judgement = rule(clues)
        if judgement:
            return judgement
    return Judgement(Nature.PERSON)


def _has_null_path(clues: Clues) -> bool:
    if clues.envelope_from is not None:
        return clues.envelope_from.strip("<> ") == ""
    return clues.headers.get("return-path", "-").replace(" ", "") == "<>"


def _report(clues: Clues) -> Judgement | None:
    kinds = clues.kinds
    if "message/feedback-report" in kinds or clues.report_type == "feedback-report":
        return Judgement(Nature.ABUSE_REPORT, ("feedback_report",))
    if "message/disposition-notification" in kinds or clues.report_type == "disposition-notification":
        return Judgement(Nature.RECEIPT, ("disposition_notification",))
    if "message/delivery-status" in kinds or "message/global-delivery-status" in kinds:
        return Judgement(Nature.BOUNCE, ("delivery_status",))
    if clues.report_type == "delivery-status":
        return Judgement(Nature.BOUNCE, ("delivery_status",))
    return None


def _bounce(clues: Clues) -> Judgement | None:
    if "x-failed-recipients" in clues.headers:
        return Judgement(Nature.BOUNCE, ("failed_recipients_header",))
    is_mailer = bool(_MAILER.match(clues.sender))
    has_words = bool(_QMAIL.search(clues.text[:2000]) or _EXIM.search(clues.text[:2000]))
    if has_words and (is_mailer or _has_null_path(clues)):
        return Judgement(Nature.BOUNCE, ("bounce_text",))
    from_system = is_mailer or bool(_POSTMASTER.match(clues.sender)) or _has_null_path(clues)
    if from_system and _BOUNCE_SUBJECT.search(clues.subject):
        return Judgement(Nature.BOUNCE, ("bounce_subject",))
    return None


def _auto_reply(clues: Clues) -> Judgement | None:
    headers = clues.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip()
    is_marked = submitted.startswith(("auto-replied", "auto-reply", "auto_replied"))
    if is_marked:
        return Judgement(Nature.AUTO_REPLY, ("auto_submitted",))
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-autoreply-from",
        "x-mail-autoreply",
        "x-vacation",
    ):
        if headers.get(name, "no") not in ("no", "false", ""):
            return Judgement(Nature.AUTO_REPLY, (name.replace("-", "_"),))
    if headers.get("precedence", "") in ("auto_reply", "auto-reply"):
        return Judgement(Nature.AUTO_REPLY, ("precedence",))
    if _ABSENCE_SUBJECT.search(clues.subject):
        answers = "in-reply-to" in headers or "references" in headers
        suppresses = _suppresses(headers)
        if answers or suppresses or _has_null_path(clues) or submitted != "no" or "precedence" in headers:
            return Judgement(Nature.AUTO_REPLY, ("absence_subject",))
    if absence.is_automatic(clues.subject, clues.written):
        return Judgement(Nature.AUTO_REPLY, ("absence_words",))
    if _READ_SUBJECT.search(clues.subject) and _has_null_path(clues):
        return Judgement(Nature.RECEIPT, ("receipt_subject",))
    return None


def _list(clues: Clues) -> Judgement | None:
    headers = clues.headers
    for name in (
        "list-id",
        "list-post",
        "list-unsubscribe",
        "list-help",
        "mailing-list",
        "x-mailing-list",
        "x-mailman-version",
    ):
        if name in headers:
            return Judgement(Nature.LIST, (name.replace("-", "_"),))
    if headers.get("precedence", "").partition(" ")[0] in ("list", "bulk", "junk"):
        return Judgement(Nature.LIST, ("precedence",))
    return None


def _suppresses(headers: Mapping[str, str]) -> bool:
    return headers.get("x-auto-response-suppress", "none") not in ("none", "")


def _machine(clues: Clues) -> Judgement | None:
    headers = clues.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip()
    reasons = [
        reason
        for reason, holds in (
            ("own_loop", LOOP_HEADER.lower() in headers),
            ("auto_submitted", submitted not in ("no", "")),
            ("x_loop", "x-loop" in headers),
            ("null_return_path", _has_null_path(clues)),
            ("auto_response_suppress", _suppresses(headers)),
            (
                "mailer_daemon",
                bool(_MAILER.match(clues.sender) or _MAILER.match((clues.envelope_from or "").strip("<>"))),
            ),
            ("no_reply_address", bool(_NO_REPLY.match(clues.sender))),
            ("cron", "x-cron-env" in headers or clues.subject.lower().startswith("cron <")),
            (
                "phone_gateway",
                "x-asterisk-callerid" in headers or "x-voicemail" in headers or "x-asterisk-callid" in headers,
            ),
            ("precedence", headers.get("precedence", "") not in ("", "normal", "first-class", "special-delivery")),
        )
        if holds
    ]
    return Judgement(Nature.MACHINE, tuple(reasons)) if reasons else None
