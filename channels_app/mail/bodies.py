"""Which parts of a letter are its body and which are files (after RFC 8621 §4.1.4), decoded once each."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from channels_app.mail import charsets, files, html_text, invitation, limits, tnef, transfer, words
from channels_app.mail.headers import read_block
from channels_app.mail.structure import Part
from tickets.contracts import Attachment

_CID = re.compile(r"cid:([^\s\"'<>)&]{1,300})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,200}>")
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_PKCS7 = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_ENRICHED = {"text/enriched", "text/richtext"}
_PLAIN_LIKE = {"text/plain", "text/markdown", "text/x-markdown"} | _ENRICHED
# Other forms of the words that stand beside them; the raw mail keeps these.
_ALTERNATIVES_DROPPED = {"text/x-amp-html", "text/watch-html"}
_REPORT_KINDS = {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
                 "message/feedback-report", "text/rfc822-headers"}  # fmt: skip
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"


@dataclass(slots=True)
class _Unit:
    """A piece of body in the order of reading: words in one or two forms, or an image among them."""

    plain: str = ""
    html: str = ""
    image_id: str = ""


@dataclass(slots=True)
class _File:
    name: str
    kind: str
    content: bytes
    content_id: str = ""
    location: str = ""
    is_damaged: bool = False
    note: str = ""
    in_related: bool = False


@dataclass(slots=True)
class Content:
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    reports: list[Part] = field(default_factory=list)  # parts of delivery and other reports
    returned: list[Part] = field(default_factory=list)  # letters and header blocks enclosed
    kinds: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read(root: Part, *, hint: str) -> Content:
    """Body, files and remarks of a whole letter."""
    reader = _Reader(root, hint)
    reader.walk(root)
    return reader.content()


def leaves(part: Part) -> Iterator[Part]:
    """All parts without children, in order."""
    stack = [part]
    while stack:
        current = stack.pop()
        if current.children:
            stack.extend(reversed(current.children))
        else:
            yield current


class _Reader:
    def __init__(self, root: Part, hint: str) -> None:
        self.root = root
        self.hint = hint
        self.units: list[_Unit] = []
        self.files: list[_File] = []
        self.found = Content()

    def walk(self, part: Part) -> None:
        self.found.kinds.append(part.kind)
        self.found.remarks.extend(part.remarks)
        if part.kind == "multipart/alternative" and part.children:
            self._alternative(part)
        elif part.children:
            if part.kind == "multipart/encrypted":
                self.found.remarks.append("encrypted")
            for child in part.children:
                self.walk(child)
        else:
            self._leaf(part)

    def _alternative(self, part: Part) -> None:
        """One unit out of all forms: what each branch adds in plain text and in HTML."""
        before = len(self.units)
        for child in part.children:
            if child.kind not in _ALTERNATIVES_DROPPED:
                self.walk(child)
        branches = self.units[before:]
        plain = [unit.plain for unit in branches if unit.plain.strip()]
        rich = [unit.html for unit in branches if unit.html.strip()]
        images = [unit for unit in branches if unit.image_id]
        del self.units[before:]
        # Two plain forms of one text would be the same words twice; a digest nested in one form is not.
        same = len(set(map(str.strip, plain))) <= 1 or all(child.kind in _PLAIN_LIKE for child in part.children)
        self.units.append(_Unit(plain[0] if plain and same else "\n\n".join(plain), "\n".join(rich)))
        if not rich:
            self.units.extend(images)

    def _leaf(self, part: Part) -> None:
        if self._is_body(part):
            self._body(part)
        elif part.kind in _REPORT_KINDS:
            self._report(part)
        elif part.kind in ("message/rfc822", "message/global"):
            self._nested(part)
        else:
            self._file(part)

    def _is_body(self, part: Part) -> bool:
        if (
            part.disposition == "attachment"
            or transfer.encoding(part.headers.get("content-transfer-encoding")) == transfer.UUENCODE
        ):
            return False
        if part.kind not in _PLAIN_LIKE and part.kind != "text/html":
            return (
                part is self.root
                and part.kind.startswith("text/")
                and part.kind != "text/calendar"
                and not part.filename
            )
        parent = part.parent
        if parent is None or parent.children[0] is part:
            return True
        return not part.filename and parent.kind != "multipart/related"

    def _body(self, part: Part) -> None:
        content, is_damaged = part.payload()
        if is_damaged:
            self.found.remarks.append("damaged_encoding")
        if part.kind == "text/plain" and files.content_type(content, "", "").startswith(("image/", "application/pdf")):
            self._keep(part, content, is_damaged)  # a file whose label was lost
            return
        if part.kind != "text/html" and b"begin" in content:
            content, enclosed = transfer.uu_files(content)
            for name, data, damaged in enclosed:
                shown = words.readable(name, hint=self.hint)
                self.files.append(_File(shown, "application/octet-stream", data, is_damaged=damaged))
        label = part.charset
        if b"\0" in content and charsets.codec(label) not in ("utf-16-le", "utf-16-be", "utf-32"):
            self.found.remarks.append("nul_bytes")
            if content.startswith(files.OLE_MAGIC):
                self._keep(part, content, is_damaged)
                return
        if part.filename:  # words and a file at once: shown as the one, kept as the other
            self._keep(part, content, is_damaged)
        text, remark = charsets.decode(content, label, hint=self.hint)
        if remark:
            self.found.remarks.append(remark)
        if part.kind == "text/html":
            if len(text) > limits.MAX_HTML:
                self._overlong(part, content)
                text = text[: limits.MAX_HTML]
            self.units.append(_Unit(html=text))
            return
        if len(text) > limits.MAX_TEXT:
            self._overlong(part, content)
            text = text[: limits.MAX_TEXT]
        if part.kind in _ENRICHED:
            text = html.unescape(_TAG.sub("", text.replace("<<", "&lt;")))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if part.parameters.get("format", "").lower() == "flowed":
            text = _unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        if _PGP_MESSAGE in text:
            self.found.remarks.append("encrypted")
        self.units.append(_Unit(plain=text))

    def _overlong(self, part: Part, content: bytes) -> None:
        self.found.remarks.append("long_text_cut")
        self.files.append(_File(part.filename, part.kind, content, note="long_text"))

    def _report(self, part: Part) -> None:
        self.found.reports.append(part)
        if part.kind == "text/rfc822-headers":
            self.found.returned.append(part)
        content, is_damaged = part.payload()
        name = part.filename or {"text/rfc822-headers": "headers.txt"}.get(
            part.kind, part.kind.partition("/")[2] + ".txt"
        )
        self.files.append(_File(name, "text/plain", content, is_damaged=is_damaged, note="report"))

    def _nested(self, part: Part) -> None:
        self.found.returned.append(part)
        content, is_damaged = part.payload()
        fields, _, _ = read_block(content, 0, len(content), is_letter=True)
        subject = words.readable(fields.get("subject"), hint=self.hint)
        name = files.clean_name(subject.replace("/", "_").replace("\\", "_")) or files.clean_name(part.filename)
        name = name.removesuffix(".eml") + ".eml" if name else ""
        self.files.append(_File(name, "message/rfc822", content, is_damaged=is_damaged, note="nested_mail"))

    def _file(self, part: Part) -> None:
        content, is_damaged = part.payload()
        if not content.strip() and not part.filename and part.kind.startswith("text/"):
            return
        is_tnef = part.kind in _TNEF or part.filename.lower() == "winmail.dat"
        if is_tnef and self._unpacked(part, content):
            return
        self._keep(part, content, is_damaged)

    def _unpacked(self, part: Part, content: bytes) -> bool:
        unpacked = tnef.unpack(content)
        if unpacked is None:
            return False
        for name, data in unpacked.files:
            self.files.append(_File(name, "application/octet-stream", data, note="unpacked_tnef"))
        if not any(unit.plain.strip() or unit.html.strip() for unit in self.units):
            self.units.append(_Unit(unpacked.text.replace("\r\n", "\n"), unpacked.html))
        self.found.remarks.append("unpacked_tnef")
        return True

    def _keep(self, part: Part, content: bytes, is_damaged: bool) -> None:
        headers = part.headers
        kept = _File(
            name=part.filename,
            kind=part.kind,
            content=content,
            content_id=words.readable(headers.get("content-id")).strip("<> "),
            location=words.readable(headers.get("content-location"), hint=self.hint)[:1000],
            is_damaged=is_damaged,
            note=self._note(part, content),
            in_related=part.parent is not None and part.parent.kind == "multipart/related",
        )
        if is_damaged:
            self.found.remarks.append("damaged_encoding")
        if part.kind in ("text/calendar", "application/ics"):
            kept.note, event = invitation.read(content, part.charset, part.parameters.get("method", ""))
            kept.name = kept.name or "invite.ics"
            if not any(unit.plain.strip() or unit.html.strip() for unit in self.units):
                self.units.append(_Unit(plain=event))
        elif part.kind.startswith("image/") and part.disposition == "inline" and self.units and not kept.in_related:
            kept.content_id = kept.content_id or f"inline-{len(self.files) + 1}"
            self.units.append(_Unit(image_id=kept.content_id))
        self.files.append(kept)

    def _note(self, part: Part, content: bytes) -> str:
        if part.kind in _SIGNATURES:
            return "signature"
        is_envelope = part.parameters.get("smime-type", "").lower() != "signed-data"
        if part.kind in _PKCS7 or (part.filename.lower().endswith(".p7m") and content):
            self.found.remarks.append("encrypted" if is_envelope else "signed")
            return "encrypted" if is_envelope else "signed"
        if part.parent is not None and part.parent.kind == "multipart/encrypted":
            return "encrypted"
        if part.kind in _TNEF:
            return "unreadable"
        if part is self.root and content.startswith(files.OLE_MAGIC):
            self.found.remarks.append("nul_bytes")
            return "unreadable"
        return ""

    def content(self) -> Content:
        found = self.found
        found.html = self._html()
        found.text = self._text()
        found.attachments = self._attachments(found.html)
        return found

    def _text(self) -> str:
        texts = [unit.plain if unit.plain.strip() else html_text.text_of(unit.html) for unit in self.units]
        return "\n\n".join(text.strip("\n") for text in texts if text.strip())

    def _html(self) -> str:
        if not any(unit.html.strip() for unit in self.units):
            return ""
        pieces = []
        for unit in self.units:
            if unit.html.strip():
                pieces.append(unit.html)
            elif unit.plain.strip():
                pieces.append(f'<div style="white-space:pre-wrap">{html.escape(unit.plain)}</div>')
            elif unit.image_id:
                pieces.append(f'<p><img src="cid:{html.escape(unit.image_id)}"></p>')
        return "\n".join(pieces)

    def _attachments(self, body: str) -> tuple[Attachment, ...]:
        cids = {unquote(html.unescape(cid)).strip("<>") for cid in _CID.findall(body)} if body else set()
        taken: set[str] = set()
        attachments = []
        for number, each in enumerate(self.files, start=1):
            kind = files.content_type(each.content, each.kind, each.name)
            name = files.clean_name(each.name) or files.default_name(kind, number)
            is_inline = bool(body) and (
                each.content_id in cids or bool(each.location and len(each.location) > 3 and each.location in body)
            )
            attachments.append(
                Attachment(
                    filename=files.unique_name(name, taken),
                    content_type=kind,
                    content=each.content,
                    content_id=each.content_id[:500],
                    content_location=each.location,
                    is_inline=is_inline,
                    is_damaged=each.is_damaged,
                    note=each.note,
                )
            )
        return tuple(attachments)


def _unflow(text: str, *, delete_space: bool) -> str:
    """Paragraphs of format=flowed (RFC 3676) as one line each, quotes keeping their marks."""
    out: list[str] = []
    open_depth = -1  # quote depth of a line that goes on
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        goes_on = bare.endswith(" ") and bare != "-- "
        if open_depth == depth and bare != "-- ":
            out.append(bare)
        else:
            if out:
                out.append("\n")
            out.append((">" * depth + " " if depth else "") + bare)
        if goes_on and delete_space:
            out[-1] = out[-1][:-1]
        open_depth = depth if goes_on else -1
    return "".join(out)
