"""A readable text of an HTML body: paragraphs, lists, quotes with ">", links as "text (address)". Linear."""

import html
import re

_MAX_INPUT = 2_000_000
_MAX_LINK = 300
_TOKEN = re.compile(r"<!--|<([!?][^<>]*)>|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)([^<>]*)>|[^<]+|<")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\r\n\f\v\u200b\u00ad\ufeff]+")
_BLANK_LINES = re.compile(r"\n[ \t>]*\n(?:[ \t]*\n)+")
_TRAILING = re.compile(r"[ \t\u00a0]+\n")
_SKIPPED = (
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "svg",
    "math",
    "xml",
    "select",
    "textarea",
    "iframe",
    "object",
)
_CLOSING = {name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE) for name in _SKIPPED}
_PARAGRAPH = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl", "hr", "fieldset"}
_LINE = {"div", "tr", "li", "br", "dt", "dd", "section", "article", "header", "footer", "address", "center", "form"}


def text_of(source: str) -> str:
    """Plain text of `source`; only its first two million characters are read."""
    writer = _Writer()
    source = source[:_MAX_INPUT]
    position = 0
    no_comment_end = False
    never_closed: set[str] = set()
    while position < len(source):
        token = _TOKEN.match(source, position)
        if token is None:
            break
        position = token.end()
        if token.group() == "<!--":
            end = -1 if no_comment_end else source.find("-->", position)
            no_comment_end = end < 0
            position = end + 3 if end >= 0 else position
            continue
        name = token[3]
        if name is None:
            if token[1] is None:
                writer.text(html.unescape(token.group()))
            continue
        name = name.lower()
        if token[2]:
            writer.close(name)
        elif name in _CLOSING:
            if name in never_closed or token[4].endswith("/"):
                continue
            end_tag = _CLOSING[name].search(source, position)
            if end_tag:
                position = end_tag.end()
            else:  # a browser would swallow the rest, we go on and read it
                never_closed.add(name)
        else:
            writer.open(name, token[4])
    return writer.result()


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.is_blank = True  # the line written so far has no words
        self.gap = False  # white space is owed before the next word
        self.quote = 0
        self.pre = 0
        self.lists: list[int] = []  # next number, or -1 for bullets
        self.link = ""
        self.link_text: list[str] = []

    def text(self, text: str) -> None:
        if self.pre:
            first, *rest = text.replace("\r", "").split("\n")
            self._put(first)
            for line in rest:
                self._break(keep_blank=True)
                self._put(line)
            return
        folded = _WHITE.sub(" ", text)
        if folded.startswith(" "):
            self.gap = not self.is_blank
        words = folded.strip(" ")
        if words:
            self._put((" " if self.gap else "") + words)
            self.gap = folded.endswith(" ")

    def open(self, name: str, attributes: str) -> None:
        if name == "a":
            found = _HREF.search(attributes)
            self._end_link()
            self.link = html.unescape(next((g for g in found.groups() if g), "")).strip() if found else ""
        elif name == "img":
            found = _ALT.search(attributes)
            alt = html.unescape(found[1] or found[2] or "").strip() if found else ""
            if alt:
                self.text(f" [{alt}] ")
        elif name == "blockquote":
            self._paragraph()
            self.quote = min(self.quote + 1, 20)
        elif name in _PARAGRAPH:
            nested = name in ("ul", "ol") and self.lists
            self._break() if nested else self._paragraph()
            if name in ("ul", "ol"):
                self.lists.append(1 if name == "ol" else -1)
                del self.lists[20:]
            elif name == "pre":
                self.pre += 1
            elif name == "hr":
                self._put("----")
                self._paragraph()
        elif name == "br":
            self._break(keep_blank=True)
        elif name in _LINE:
            self._break()
            if name == "li":
                self._item()
        elif name in ("td", "th"):
            self.gap = not self.is_blank

    def close(self, name: str) -> None:
        if name == "a":
            self._end_link()
        elif name == "blockquote":
            self._break()
            self.quote = max(self.quote - 1, 0)
            self._paragraph()
        elif name in ("ul", "ol"):
            if self.lists:
                self.lists.pop()
            self._break() if self.lists else self._paragraph()
        elif name == "pre":
            self.pre = max(self.pre - 1, 0)
            self._paragraph()
        elif name in _PARAGRAPH:
            self._paragraph()
        elif name in _LINE:
            self._break()

    def result(self) -> str:
        self._end_link()
        self._break()
        text = _TRAILING.sub("\n", "\n".join(self.lines) + "\n").replace("\u00a0", " ")
        return _BLANK_LINES.sub("\n\n", text).strip("\n")

    def _put(self, text: str) -> None:
        self.line.append(text)
        if self.link:
            self.link_text.append(text)
        if text.strip():
            self.is_blank = False

    def _item(self) -> None:
        indent = "  " * (len(self.lists) - 1)
        number = self.lists[-1] if self.lists else -1
        if number > 0:
            self.lists[-1] += 1
        self._put(f"{indent}{number}. " if number > 0 else f"{indent}- ")
        self.is_blank = True

    def _end_link(self) -> None:
        if not self.link:
            return
        shown = "".join(self.link_text).strip()
        bare = self.link.removeprefix("mailto:").removeprefix("tel:").partition("://")[2] or self.link
        bare = bare.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        is_web = self.link.lower().startswith(("http://", "https://", "mailto:", "tel:", "ftp://"))
        if is_web and shown and bare not in shown.replace(" ", "") and len(self.link) <= _MAX_LINK:
            self.line.append(f" ({self.link.removeprefix('mailto:').removeprefix('tel:')})")
        self.link, self.link_text = "", []

    def _break(self, *, keep_blank: bool = False) -> None:
        line = "".join(self.line)
        if not self.is_blank or (keep_blank and not line.strip(" -")):
            self.lines.append("> " * self.quote + line)
        self.line, self.is_blank, self.gap = [], True, False

    def _paragraph(self) -> None:
        self._break()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * self.quote if self.quote else "")
