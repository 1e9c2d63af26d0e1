"""Names and types of attached files, judged by us: neither the sender's name nor his label is believed."""

import re
import unicodedata

from channels_app.mail.words import tidy

_MAX_NAME_BYTES = 255
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*]')
_LABEL = re.compile(r"^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}$")
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_OLE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = bytes([*range(9), *range(14, 27)])
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
)
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "message/rfc822": ".eml",
    "application/gzip": ".gz",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/pgp-signature": ".asc",
    "application/vnd.ms-tnef": ".dat",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
} | {kind: f".{extension}" for extension, kind in (_OFFICE | _OLE).items()}
_SHORT = {"image/png", "image/gif", "image/webp", "image/bmp", "application/pdf", "application/zip", "application/rtf"}
# Images, sounds and films a browser may open only when the content proves them.
_PROVABLE = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "application/pdf")
# Labels under which a browser would run what is inside.
_ACTIVE = {
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/xml",
    "application/xml",
    "text/javascript",
    "application/javascript",
    "application/ecmascript",
    "text/ecmascript",
    "application/x-shockwave-flash",
}


def content_type(content: bytes, label: str, filename: str = "") -> str:
    """The media type the content has; the label decides only where content cannot tell and the type is inert."""
    label = label.partition(";")[0].strip().lower()
    if not _LABEL.match(label):
        label = "application/octet-stream"
    if label == "message/rfc822":
        return label
    extension = filename.rpartition(".")[2].lower()
    proved = _proved(content[:4096], label, extension)
    if proved:
        return proved
    if label.startswith("text/") and b"\0" in content[:4096]:
        return "application/octet-stream"
    if label in _ACTIVE:
        return "text/plain" if _is_text(content[:4096]) else "application/octet-stream"
    if label in _PROVABLE or label.startswith("multipart/"):
        return "application/octet-stream"
    if (
        label == "application/octet-stream"
        and content
        and _is_text(content[:4096])
        and extension in ("txt", "log", "csv")
    ):
        return "text/csv" if extension == "csv" else "text/plain"
    return label


def _proved(head: bytes, label: str, extension: str) -> str:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "application/octet-stream")
    if head.startswith(b"BM") and label.startswith("image/"):
        return "image/bmp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return label if label in _OFFICE.values() else _OFFICE.get(extension, "application/zip")
    if head.startswith(OLE_MAGIC):
        return label if label in _OLE.values() else _OLE.get(extension, "application/x-ole-storage")
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"heic", b"heix", b"mif1"):
            return "image/heic"
        return label if label.startswith(("video/", "audio/")) else "video/mp4"
    return _markup(head, label)


def _markup(head: bytes, label: str) -> str:
    """SVG is SVG and HTML is HTML whatever they claim to be, except that plain text may show source code."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start.startswith(b"<"):
        return ""
    is_plain = label in ("text/plain", "text/csv")
    if b"<svg" in start and not any(mark in start for mark in (b"<html", b"<body")):
        return "text/plain" if is_plain else "image/svg+xml"
    if any(
        mark in start
        for mark in (b"<!doctype html", b"<html", b"<body", b"<head", b"<script", b"<div", b"<table", b"<p>")
    ):
        return "text/plain" if is_plain else "text/html"
    if start.startswith(b"<?xml"):
        return "text/plain" if is_plain else "application/xml"
    return "text/html" if label == "text/html" else ""


def _is_text(head: bytes) -> bool:
    return len(head.translate(None, _BINARY)) == len(head)


def clean_name(name: str) -> str:
    """The last path part of `name` without control and direction characters; "" if nothing is left.

    One dot before it stays: by `.env` or `.htpasswd` it is known for what must be kept closed.
    """
    name = unicodedata.normalize("NFC", tidy(name))
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    dot = "." if name.lstrip().startswith(".") else ""
    name = dot + _UNSAFE.sub("_", name).strip(" .") if name.strip(" .") else ""
    return _cut(name, "")


def default_name(kind: str, number: int) -> str:
    """A name for a file that came without one: image-1.png, file-2.pdf."""
    stem = "image" if kind.startswith("image/") else "message" if kind == "message/rfc822" else "file"
    extension = _EXTENSIONS.get(kind) or (f".{kind.rpartition('/')[2]}" if kind in _SHORT else "")
    return f"{stem}-{number}{extension}"


def unique_name(name: str, taken: set[str]) -> str:
    """`name`, with " (2)" and so on before the extension while it is taken. Adds the result to `taken`."""
    candidate = name
    number = 1
    while candidate.casefold() in taken:
        number += 1
        candidate = _cut(name, f" ({number})")
    taken.add(candidate.casefold())
    return candidate


def _cut(name: str, suffix: str) -> str:
    """`name` with `suffix` before its extension, at most 255 bytes of UTF-8, the extension kept."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 20:
        stem, dot, extension = name, "", ""
    ending = f"{suffix}{dot}{extension}"
    room = _MAX_NAME_BYTES - len(ending.encode())
    encoded = stem.encode()
    if len(encoded) > room:
        stem = encoded[:room].decode("utf-8", "ignore").rstrip()
    return stem + ending
