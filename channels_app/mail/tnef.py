"""winmail.dat opened. Whatever is wrong with one, the caller keeps it as it came."""

import logging
from dataclasses import dataclass

from channels_app.mail import charsets

_MAGIC = b"\x78\x9f\x3e\x22"
_MAX_FILES = 200
_MAX_COPIED = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Unpacked:
    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]  # (name, content)


def unpack(content: bytes) -> Unpacked | None:
    """What the file holds, None when it cannot be read."""
    if not content.startswith(_MAGIC) or not _is_affordable(content):
        return None
    from tnefparse import TNEF  # one mail in a thousand needs it

    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
    try:
        tnef = TNEF(content, do_checksum=False)
        files = tuple((_text(each.long_filename()), bytes(each.data)) for each in tnef.attachments[:_MAX_FILES])
        text, html = _text(tnef.body or ""), _text(tnef.htmlbody or "")
    except Exception:  # a foreign parser on hostile bytes: any error means "not readable"
        return None
    if not (files or text or html):
        return None
    return Unpacked(text, html, files)


def _is_affordable(content: bytes) -> bool:
    """tnefparse copies the remaining bytes for each object, so many objects in a large file would take minutes."""
    objects = 0
    offset = 6
    while offset + 12 < len(content):
        offset += int.from_bytes(content[offset + 5 : offset + 9], "little") + 11
        objects += 1
        if objects * len(content) > _MAX_COPIED:
            return False
    return True


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return charsets.guess(value) if isinstance(value, bytes) else charsets.clean(str(value)).strip("\0")
