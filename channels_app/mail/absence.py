"""Automatic answers that carry no header to say so: told by their words, in Russian and English. Pure.

One sign is never enough: people write about automatic answers and about their holidays, too. A subject that begins
as such an answer does needs a second sign: the subject of the letter it answers, or a text that says the same. A text
alone must say that nobody wrote it, or answer a letter, tell of an absence and of somebody else, and ask for nothing.
"""

import re

_MARK = re.compile(
    r"\s*(?:re:\s*)?(?:автоответ(?:чик)?|автоматический ответ|авто|вне офиса|нет на месте|(?:я )?в отпуске|отпуск|"
    r"auto(?:matic)?[- ]?(?:reply|response)|auto|autoreply|"
    r"(?:i am |i'm )?out of (?:the )?office(?: (?:auto)?-?(?:reply|response))?|ooo|vacation(?: reply)?|on vacation|"
    r"on (?:annual )?leave)\s*(?:[:\-–—.!]|$|(?=(?:re|ha|fwd?)\s*:))",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    r"\s*(?:(?:re|fwd?|aw|на|отв)\s*:|\[?HD-\d{3}|заявка принята|we have your request)", re.IGNORECASE
)
_ANSWERS = re.compile(r"\s*(?:re|aw|отв)\s*:", re.IGNORECASE)
_BY_NOBODY = re.compile(
    r"(?:^|[.!\n])\s*(?:это\s+(?:—\s+|-\s+)?(?:автоматическ|автоответ)|(?:данное|настоящее|это) (?:письмо|сообщение) "
    r"(?:создано|сформировано|отправлено) автоматически|(?:вам отвечает )?автоответчик\b[.!,]|"
    r"this is an? (?:automat(?:ic|ed)|auto)[- ]?(?:generated )?(?:reply|response|message|e-?mail)|"
    r"this (?:message|e-?mail) (?:was|is) (?:sent|generated) automatically)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\b(?:(?:нахожусь|сейчас|буду|уш(?:ёл|ел|ла)|я) (?:сейчас )?(?:в|на) (?:\w+ )?(?:отпуск|больничн|командировк)|"
    r"в отпуске (?:до|по|с) |буду отсутствовать|отсутствую (?:на|в) |(?:меня|сотрудника) (?:сейчас )?нет (?:на|в) |"
    r"не буду иметь доступа? к почте|ограничен\w* доступ\w* к почте|"
    r"(?:am|i'm|be|is) (?:currently )?(?:out of (?:the )?office|away from (?:the|my) (?:office|desk))|"
    r"(?:am|i'm|be) (?:currently )?on (?:\w+ )?(?:vacation|leave|holiday)|"
    r"(?:limited|no) access to (?:my )?e-?mail|i will (?:be back|return) on)",
    re.IGNORECASE,
)
_SOMEBODY_ELSE = re.compile(
    r"(?:по (?:всем )?(?:срочным|неотложным|рабочим) вопросам|в срочных случаях|если (?:вопрос|дело) срочн|"
    r"меня замещает|"
    r"for (?:any )?urgent|if (?:it|this|your (?:matter|request)) is urgent|in urgent cases|please contact|"
    r"отвечу (?:вам )?(?:по|после) возвращени|"
    r"will (?:reply|respond|answer) (?:\w+ ){0,5}(?:when|upon|on|after) (?:i|my)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\b(?:прошу|просьба|подскажите|помогите|продлите|сделайте|не (?:работает|открывается|приходит|могу)|нужно|"
    r"could you|can you|would you|does(?:n't| not) work|we need|i need|not working)\b",
    re.IGNORECASE,
)
_BEGINNING = 1500  # characters of the text that are looked at


def is_automatic(subject: str, text: str) -> bool:
    """`text` is what the sender newly wrote, without the quoted letter."""
    text = text[:_BEGINNING]
    if mark := _MARK.match(subject):
        rest = subject[mark.end() :]
        return bool(_ANSWERED.match(rest) or _BY_NOBODY.search(text) or (_AWAY.search(text) and not _ASKS.search(text)))
    if _BY_NOBODY.search(text) and (_ANSWERS.match(subject) or _AWAY.search(text)):
        return True
    return bool(
        _ANSWERS.match(subject) and _AWAY.search(text) and _SOMEBODY_ELSE.search(text) and not _ASKS.search(text)
    )
