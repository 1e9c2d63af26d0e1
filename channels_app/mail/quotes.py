"""What a person newly wrote, apart from quoted history and signature. Russian and English, linear, conservative.

When in doubt a line counts as new: folding a customer's words away is worse than showing a quote.
"""

import re

REPLY_MARKER_RU = "— Напишите ответ выше этой строки —"
REPLY_MARKER_EN = "— Please write your reply above this line —"
REPLY_MARKERS = {"ru": REPLY_MARKER_RU, "en": REPLY_MARKER_EN}

_MARKERS = tuple(marker.strip("— ").lower() for marker in REPLY_MARKERS.values())
_MAX_SIGNATURE_LINES = 12
_MAX_LINE = 500  # a longer line is prose, no rule looks at it

_LEAD = r"^[>\s]*"
_DATE = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}(?:st|nd|rd|th)?\s{1,3}[^\W\d]{3,12}\.?,?\s{1,3}\d{4}|"
    r"[^\W\d]{3,12}\.?\s{1,3}\d{1,2},?\s{1,3}\d{4}"
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_ADDRESS = re.compile(r"[^\s<>()@]{1,100}@[^\s<>()@]{1,200}[>)]?[^:]{0,20}:$")
_WRITES = re.compile(r"\b(?:wrote|writes|said|написала?(?:\(а\))?|пиш[еу]т|писала?(?:\(а\))?)(?!\w)", re.IGNORECASE)

# The Bat!: "Вы писали 5 октября 2026 г., 12:30:56:" · "You wrote on Monday, October 5, 2026:"
_YOU_WROTE = re.compile(_LEAD + r"(?:вы писали|you wrote)\b.{0,100}\d{4}.{0,40}:\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(
    _LEAD
    + r"-{2,}\s*(?:original message|original appointment|исходное сообщение|исходное письмо|первоначальное сообщение|"
    r"ursprüngliche nachricht)\s*-{0,}\s*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    _LEAD + r"(?:-{2,}\s*(?:(?:forwarded|пересылаемое|пересланное|переадресованное)\s(?:message|сообщение|by)\b).*"
    r"|begin forwarded message:|начало (?:переадресованного|пересылаемого) (?:сообщения|письма):?.*)\s*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    _LEAD + r"\*?(from|sent|date|to|cc|subject|reply-to|от|от кого|отправлено|отправлен|дата|кому|копия|тема|"
    r"von|gesendet|an|betreff)\s*:\*?\s*\S",
    re.IGNORECASE,
)
_SENDER_FIELDS = {"from", "от", "от кого", "von"}
_OTHER_FIELDS = {
    "sent",
    "date",
    "to",
    "subject",
    "отправлено",
    "отправлен",
    "дата",
    "кому",
    "тема",
    "gesendet",
    "betreff",
}
_RULER = re.compile(r"^\s*[_\-=*]{10,}\s*$")
_QUOTED = re.compile(r"^\s{0,3}(?:>|\|>)")
_BARE_SEPARATOR = re.compile(r"^--[ \u00a0]?\s*$")

_CLOSING = re.compile(
    r"^\s*(?:с\s+(?:глубоким |наилучшим |большим )?уважением|с наилучшими пожеланиями|"
    r"всего (?:доброго|наилучшего|хорошего)|(?:with )?(?:best|kind|warm|kindest|warmest)\s+regards|regards|best wishes|"
    r"sincerely|yours (?:sincerely|faithfully|truly)|sincerely yours|thanks and regards|cheers)\s*[,.!]?\s*$"
    r"|^\s*с\s+уважением\s*,\s*\S.{0,80}$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"^\s*(?:sent from (?:my|mail for|outlook|yahoo|gmail|samsung|proton)\b.{0,80}|get outlook for .{0,60}|"
    r"sent (?:via|with) .{0,40}|(?:отправлено|послано) (?:из|с|со|через)\s.{0,20}(?:i(?:phone|pad|os)|android|samsung|"
    r"xiaomi|huawei|honor|redmi|outlook|gmail|mail|почт|яндекс|телефона|смартфона|планшета|устройства|blackberry).{0,60})\s*$",
    re.IGNORECASE,
)


def strip_quotes(text: str) -> tuple[str, str]:
    """(what is new, the quoted history and signature). Both together hold every line of `text` but blank edges."""
    lines = text.replace("\r\n", "\n").split("\n")
    head, history = _cut_history(lines)
    head, signature = _cut_signature(head)
    head, trailing = _cut_trailing_quote(head)
    if trailing:
        head, second_signature = _cut_signature(head)
        trailing = second_signature + trailing
    if not _has_words(head):
        if not any(_marks_history(lines, index) for index in range(min(len(lines), 60))):
            return text.strip("\n"), ""
        head = []
    quoted = trailing + ([""] if trailing and signature else []) + signature
    quoted += ([""] if quoted and history else []) + history
    return _joined(head), _joined(quoted)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _has_words(lines: list[str]) -> bool:
    return any(line.strip("> \t\u00a0") for line in lines)


def _cut_history(lines: list[str]) -> tuple[list[str], list[str]]:
    """Splits where the history begins; an answer below or among the quotes stays with what is new."""
    for index, line in enumerate(lines):
        if len(line) > _MAX_LINE or not line.strip():
            continue
        if _FORWARD.match(line):
            return lines, []  # the forwarded letter is what this person wants us to read
        if _is_marker(line):
            begin = _above_marker(lines, index)
            return lines[:begin], lines[begin:]
        length = _attribution(lines, index)
        if length:
            return _below_attribution(lines, index, length)
        if _ORIGINAL.match(line) or _is_header_block(lines, index):
            begin = index - 1 if index and _RULER.match(lines[index - 1]) else index
            return lines[:begin], lines[begin:]
    return lines, []


def _marks_history(lines: list[str], index: int) -> bool:
    line = lines[index]
    if len(line) > _MAX_LINE or not line.strip():
        return False
    return _is_marker(line) or bool(_attribution(lines, index) or _ORIGINAL.match(line))


def _is_marker(line: str) -> bool:
    return len(line) < 200 and line.strip("> \t\u00a0*—–-").lower() in _MARKERS


def _above_marker(lines: list[str], index: int) -> int:
    """Where the quoted letter begins whose text carries our marker: its attribution or its first quote mark."""
    begin = index
    for back in range(index - 1, max(index - 4, -1), -1):
        if lines[back].strip() and not _QUOTED.match(lines[back]):
            break
        begin = back
    return begin


def _attribution(lines: list[str], index: int) -> int:
    """How many lines, from this one on, introduce a quote; 0 if this line does not.

    Mail programs wrap the line, so up to three are read as one.
    """
    if not _may_attribute(lines[index]):
        return 0
    joined = ""
    for length in range(1, 4):
        if index + length > len(lines) or len(joined) > _MAX_LINE:
            return 0
        line = lines[index + length - 1].strip()
        if not line:
            return 0
        joined = f"{joined} {line.lstrip('> ') if joined else line}"[: 2 * _MAX_LINE]
        if not line.endswith(":"):
            continue
        following = next((each for each in lines[index + length : index + length + 4] if each.strip()), "")
        return length if _is_attribution(joined, is_quoted_below=bool(_QUOTED.match(following))) else 0
    return 0


def _is_attribution(line: str, *, is_quoted_below: bool) -> bool:
    """Does this line say who wrote when? Without a quote below it needs day and time: people write of dates too.

    "On 5 Oct 2026, at 12:30, Ivan <i@x> wrote:" · "5 окт. 2026 г., в 12:30, Иван написал(а):" ·
    "05.10.2026 12:30, Иван пишет:" · "пн, 5 окт. 2026 г. в 12:30, Иван <i@x>:" (Gmail) ·
    "05.10.2026, 12:30, "Иван" <i@x>:" (Yandex) · "Понедельник, 5 октября 2026, 12:30 +03:00 от Иван <i@x>:" (Mail.ru) ·
    "Вы писали 5 октября 2026 г., 12:30:56:" (The Bat!)
    """
    if is_quoted_below and _YOU_WROTE.match(line):
        return True
    date, time = _DATE.search(line), _TIME.search(line)
    verb = _WRITES.search(line)
    if verb and ((date and time) or (is_quoted_below and (date or time))):
        return bool(_WRITES.search(line[-30:])) or (date is not None and verb.start() < date.start())
    return bool(date and time and _ADDRESS.search(line, date.end()))


_ATTRIBUTES = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}|^[>\s]*(?:on|вы|you|в|le|am|el)\s", re.IGNORECASE)


def _may_attribute(line: str) -> bool:
    return bool(_ATTRIBUTES.search(line))


def _below_attribution(lines: list[str], index: int, length: int) -> tuple[list[str], list[str]]:
    """Answers above, below or among the quotes of an attributed letter."""
    above, rest = lines[:index], lines[index:]
    body = rest[length:]
    first = next((n for n, line in enumerate(body) if line.strip()), None)
    if first is None or not _QUOTED.match(body[first]) or _QUOTED.match(rest[0]):
        return above, rest
    last_quoted = max(n for n, line in enumerate(body) if _QUOTED.match(line))
    own_below = body[last_quoted + 1 :]
    among = [line for line in body[first : last_quoted + 1] if line.strip() and not _QUOTED.match(line)]
    is_wrapped = len(among) <= 3 and all(len(line) < 40 for line in among) and not _has_words(own_below)
    if among and not is_wrapped:
        return lines, []  # answered point by point: the quotes are part of the answer
    below, signature = _cut_signature(own_below)
    if not _has_words(below):
        return above, rest
    if _has_words(above):
        return [*_joined(above).split("\n"), "", *_joined(below).split("\n")], rest[
            : length + last_quoted + 1
        ] + signature
    return below, rest[: length + last_quoted + 1] + signature


def _is_header_block(lines: list[str], index: int) -> bool:
    """Outlook's From/Sent/To/Subject block, in Russian, English or German."""
    first = _FIELD.match(lines[index])
    if not first or first[1].lower() not in _SENDER_FIELDS:
        return False
    names = set()
    for line in lines[index + 1 : index + 8]:
        found = _FIELD.match(line[:_MAX_LINE])
        if found:
            names.add(found[1].lower())
    return len(names & _OTHER_FIELDS) >= 2


def _cut_trailing_quote(lines: list[str]) -> tuple[list[str], list[str]]:
    """Takes off the run of ">" lines the text ends with."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    if not any(_QUOTED.match(line) for line in lines[end:]):
        return lines, []
    if any(_QUOTED.match(line) for line in lines[:end]):
        return lines[:end], lines[end:]
    begin = end
    for back in range(1, 4):  # an attribution nobody recognised by its words: it ends in a colon above the quote
        if end - back >= 0 and lines[end - 1].rstrip().endswith(":") and _may_attribute(lines[end - back]):
            begin = end - back
            break
    return lines[:begin], lines[begin:]


def _cut_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Takes the signature off the end; a text that is nothing but a signature keeps it."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    begin = end
    while begin and (_SENT_FROM.match(lines[begin - 1][:_MAX_LINE]) or not lines[begin - 1].strip()):
        begin -= 1
    if not _has_words(lines[begin:end]):
        begin = end
    lowest = max(0, begin - _MAX_SIGNATURE_LINES - 1)
    for index in range(lowest, begin):
        line = lines[index]
        is_separator = bool(_BARE_SEPARATOR.match(line))
        if not is_separator and not (len(line) <= 120 and _CLOSING.match(line)):
            continue
        below = lines[index + 1 : begin]
        if any(_QUOTED.match(each) for each in below):
            continue
        if is_separator or all(len(each) <= 90 for each in below):
            begin = index
            break
    if begin == end or not _has_words(lines[:begin]):
        return lines, []
    return lines[:begin], lines[begin:]
