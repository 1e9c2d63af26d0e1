"""Calendar invitations in a few readable lines. The .ics itself stays attached."""

import re

from channels_app.mail import charsets

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^([A-Za-z-]{1,40})((?:;[^:\n\"]{0,500}(?:\"[^\"\n]{0,500}\")?)*):(.*)$", re.MULTILINE)
_STAMP = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{2}(Z?))?$")
_ZONE = re.compile(r"TZID=\"?([^;\":]{1,100})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([nN,;\\])")
_MAX = 200_000

NOTES = {
    "REQUEST": "invitation",
    "PUBLISH": "invitation",
    "CANCEL": "invitation_cancelled",
    "REPLY": "invitation_reply",
}


def read(content: bytes, charset: str, method: str) -> tuple[str, str]:
    """(reason code for the attachment, the event in readable lines)."""
    text = _FOLD.sub("", charsets.decode(content[:_MAX], charset or "utf-8")[0])
    begin = text.upper().find("BEGIN:VEVENT")
    method = method.upper() or _first(text[:begin] if begin >= 0 else text, "METHOD").upper()
    event = text[begin:] if begin >= 0 else text
    found: dict[str, tuple[str, str]] = {}
    for line in _LINE.finditer(event[:50_000]):
        name = line[1].upper()
        if name == "END" and line[3].strip().upper() == "VEVENT":
            break
        found.setdefault(name, (line[2], line[3].strip()))
    times = " – ".join(filter(None, (_time(*found.get(name, ("", ""))) for name in ("DTSTART", "DTEND"))))
    organizer = re.sub(r"^mailto:", "", found.get("ORGANIZER", ("", ""))[1], flags=re.IGNORECASE)
    answer = re.search(r"PARTSTAT=([A-Z-]{1,30})", found.get("ATTENDEE", ("", ""))[0]) if method == "REPLY" else None
    lines = [
        _plain(found.get("SUMMARY", ("", ""))[1]),
        times,
        _plain(found.get("LOCATION", ("", ""))[1]),
        organizer,
        answer[1].capitalize() if answer else "",
        _plain(found.get("DESCRIPTION", ("", ""))[1]),
    ]
    return NOTES.get(method, "calendar"), "\n".join(line for line in lines if line)


def _first(text: str, name: str) -> str:
    found = re.search(rf"^{name}:(.*)$", text, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _time(parameters: str, value: str) -> str:
    """ "2026-10-05 12:30 (Europe/Moscow)"; what is no such stamp stays as it is."""
    stamp = _STAMP.match(value)
    if not stamp:
        return value[:100]
    day = f"{stamp[1]}-{stamp[2]}-{stamp[3]}"
    if not stamp[4]:
        return day
    zone = _ZONE.search(parameters)
    name = "UTC" if stamp[6] else zone[1] if zone else ""
    return f"{day} {stamp[4]}:{stamp[5]}" + (f" ({name})" if name else "")
