"""Bytes to text, whatever their label says. Nothing here raises, and no result holds NUL or a lone surrogate.

Labels follow the WHATWG table (what browsers and mail programs mean by them), not Python's codec names.
"""

import codecs
import re
from functools import lru_cache

import webencodings

# Labels the WHATWG table leaves out or refuses because of the web; mail still has them.
_MAIL_ONLY = {
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "iso-2022-kr": "iso2022_kr",
    "csiso2022kr": "iso2022_kr",
    "hz-gb-2312": "hz",
    "iso-2022-jp-1": "iso2022_jp_1",
    "iso-2022-jp-2": "iso2022_jp_2",
    "iso-2022-jp-3": "iso2022_jp_3",
    "utf-32": "utf-32",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp855": "cp855",
    "8bit": "",
    "binary": "",
    "default": "",
    "unknown": "",
    "unknown-8bit": "",
    "x-unknown": "",
}
# Supersets which real mail needs although it names the smaller set.
_WIDER = {"gbk": "gb18030", "big5": "cp950", "euc-jp": "euc_jp", "iso2022_jp": "iso2022_jp_ext", "cp1252": "cp1252"}
_STATEFUL = {"iso2022_jp_ext", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr", "hz", "utf-7"}
_WIDE = {"utf-16-le", "utf-16-be", "utf-16", "utf-32"}
_MULTIBYTE = {"gb18030", "cp950", "big5hkscs", "euc_jp", "cp932", "cp949", "gbk", "utf-8"} | _STATEFUL | _WIDE

_LABEL = re.compile(r"[\w.:+-]+")
_JIS_ESCAPE = re.compile(rb"\x1b\$[@B]")
_CYRILLIC_WORD = re.compile(rb"[\xc0-\xff\xa8\xb8\xa3\xb3]{3,}")
_HIGH = bytes(range(0x80, 0x100))
_LOWER_HALF = bytes(range(0xC0, 0xE0))  # small letters of koi8-r, capitals of windows-1251
_UPPER_HALF = bytes(range(0xE0, 0x100))
_EAST_ASIAN = bytes(b for b in range(0x80, 0xC0) if b not in b"\xa8\xb8\xa3\xb3\xab\xbb\x96\x97\xb9\xa0\x85")
_SAMPLE = 20_000


@lru_cache(maxsize=512)
def codec(label: str) -> str:
    """Python's codec for a label, "" when nobody knows it."""
    found = _LABEL.search(label.strip().strip("'\"").lower())
    if not found:
        return ""
    name = found.group()
    if name in _MAIL_ONLY:
        return _MAIL_ONLY[name]
    encoding = webencodings.lookup(name)
    if encoding is None:
        encoding = webencodings.lookup(name.replace("_", "-")) or webencodings.lookup("windows-" + name.lstrip("cp"))
    if encoding is not None and encoding.name not in ("replacement", "x-user-defined"):
        python_name = encoding.codec_info.name
        return _WIDER.get(python_name, python_name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return info.name if getattr(info, "_is_text_encoding", False) and info.name != "idna" else ""


def clean(text: str) -> str:
    """`text` as PostgreSQL can keep it: no NUL, no lone surrogate."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def decode(content: bytes, label: str = "", *, hint: str = "") -> tuple[str, str]:
    """The text, and a remark code ("" when label and content agree).

    `hint` is the charset of the first text part, tried where the label is missing or wrong.
    """
    if not content:
        return "", ""
    name = codec(label) if label else ""
    plain = content.isascii()
    if plain and b"\x1b" not in content and name not in _STATEFUL and name not in _WIDE:
        return content.decode("ascii").replace("\0", ""), ""
    text, remark = _decode(content, name, hint, bool(label), plain)
    return clean(text), remark


def guess(content: bytes, *, hint: str = "") -> str:
    """Text of unlabelled bytes: UTF-8, else `hint`, else what the bytes look like. Never U+FFFD."""
    text, _ = decode(content, "", hint=hint)
    return text.replace("\ufffd", "")


def _decode(content: bytes, name: str, hint: str, labelled: bool, plain: bool) -> tuple[str, str]:
    if name in _WIDE:
        return content.decode(_wide_codec(content, name), "replace").removeprefix("\ufeff"), ""
    if name not in _MULTIBYTE and _JIS_ESCAPE.search(content):
        return content.decode("iso2022_jp_ext", "replace"), "wrong_charset" if labelled else ""
    if plain and name not in _STATEFUL:
        return content.decode("ascii"), ""
    if name in _MULTIBYTE:
        return _decode_multibyte(content, name, hint)
    # A single-byte label says little: UTF-8 proves itself, and Cyrillic words look like nothing Western.
    as_utf8 = _strict(content, "utf-8-sig")
    if as_utf8 is not None:
        return as_utf8, "wrong_charset" if name else _unlabelled(labelled)
    if name and name != "cp1252":
        return content.decode(name, "replace"), ""
    if not name and hint:
        hinted = codec(hint)
        text = _strict(content, hinted) if hinted and hinted not in _STATEFUL | _WIDE else None
        if text is not None:
            return text, _unlabelled(labelled)
    likely = _likely(content)
    if likely != "cp1252":
        text = _strict(content, likely)
        if text is not None:
            return text, "guessed_charset"
    return _western(content), "" if name else _unlabelled(labelled)


def _unlabelled(labelled: bool) -> str:
    return "unknown_charset" if labelled else "guessed_charset"


def _decode_multibyte(content: bytes, name: str, hint: str) -> tuple[str, str]:
    text = _strict(content, "utf-8-sig" if name == "utf-8" else name)
    if text is not None:
        return text, ""
    if name == "cp950":
        text = _strict(content, "big5hkscs")
        if text is not None:
            return text, ""
    if name != "utf-8":
        text = _strict(content, "utf-8")
        if text is not None:
            return text, "wrong_charset"
        return content.decode(name, "replace"), "damaged_text"
    text = content.decode("utf-8", "replace")
    if text.count("\ufffd") * 10 <= len(text) - len(text.encode("ascii", "ignore")):
        return text, "damaged_text"  # UTF-8 with a hole in it, not another charset
    return _decode(content, "", hint, False, False)[0], "wrong_charset"


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _western(content: bytes) -> str:
    """windows-1252 with its five holes mapped to controls, as WHATWG has it."""
    text = _strict(content, "cp1252")
    return text if text is not None else content.decode("cp1252", "ignore")


def _likely(content: bytes) -> str:
    sample = content[:_SAMPLE]
    high = _count(sample, _HIGH)
    east_asian = _count(sample, _EAST_ASIAN)
    if high >= 4 and east_asian * 4 > high:
        for name in ("gb18030", "cp950", "cp932", "cp949"):
            if _strict(sample[: len(sample) & ~1] if len(content) > _SAMPLE else content, name) is not None:
                return name
        return "cp1252"
    if 2 * sum(map(len, _CYRILLIC_WORD.findall(sample))) < high:
        return "cp1252"
    return "koi8-r" if _count(sample, _LOWER_HALF) > _count(sample, _UPPER_HALF) else "cp1251"


def _count(content: bytes, wanted: bytes) -> int:
    return len(content) - len(content.translate(None, wanted))


def _wide_codec(content: bytes, name: str) -> str:
    if name == "utf-32":
        return name
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16-le" if content[:1] == b"\xff" else "utf-16-be"
    sample = content[:_SAMPLE]
    if name == "utf-16-be" or sample[0::2].count(0) > sample[1::2].count(0):
        return "utf-16-be"  # RFC 2781 says big-endian without a mark; spaces and Latin letters tell
    return "utf-16-le"
