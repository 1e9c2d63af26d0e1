"""HTML of strangers made fit for showing. The page still shows it in a sandboxed frame with a policy of its own.

Nothing remote is fetched unless the reader asks: images of other hosts become an empty placeholder and are counted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

import nh3

MAX_INPUT = 1_000_000  # characters; what is beyond is in the original, which stays downloadable
MAX_TAGS = 25_000  # opening ones; the time HTML5 asks for nested tags grows with the square of their depth
PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

_ALLOWED_NAMES = """
a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6
hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt
u ul var wbr address article aside figure figcaption footer header main section
"""
_DROPPED_NAMES = """
script style title head template noscript noembed noframes xmp plaintext iframe object embed applet svg math
select textarea option audio video canvas frameset
"""
_TAGS = set(_ALLOWED_NAMES.split())
_CONTENT_GOES_TOO = set(_DROPPED_NAMES.split())
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "align", "valign", "dir", "lang", "title", "width", "height", "bgcolor"},
    "a": {"href"},
    "img": {"src", "alt", "border"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value", "type"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_STYLE_NAMES = re.compile(
    r"^(?:color|background(?:-color|-image)?|font(?:-family|-size|-style|-weight|-variant)?|line-height|letter-spacing|"
    r"text-(?:align|decoration|indent|transform)|vertical-align|white-space|word-(?:break|wrap|spacing)|overflow-wrap|"
    r"direction|list-style(?:-type|-position)?|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width|radius))?|"
    r"border-(?:collapse|spacing)|padding(?:-(?:top|right|bottom|left))?|margin(?:-(?:top|right|bottom|left))?|"
    r"(?:max-|min-)?(?:width|height)|display|table-layout)$"
)
# Plain words, numbers and colours; functions only where they paint: no url(), var(), expression(), escapes or at-rules.
_STYLE_VALUE = re.compile(
    r"^(?:[\w\s#%.,'\"+/!-]|\b(?:rgb|rgba|hsl|hsla)\([\d\s%.,/]{1,60}\))*$", re.ASCII | re.IGNORECASE
)
_FONT_VALUE = re.compile(r"^[\w\s#%.,'\"+/!-]*$")
_STYLE_URL = re.compile(r"url\(\s*(?:\"([^\"()\\]*)\"|'([^'()\\]*)'|([^\"'()\\\s]*))\s*\)", re.IGNORECASE)
_WEB = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_LINK = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)
_INLINE_IMAGE = re.compile(r"^data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]*$", re.IGNORECASE)
_OPENING = re.compile(r"<[a-zA-Z]")
_FORMATTING = re.compile(r"<(/?)(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)
_SPAN_STYLES = {
    "b": "font-weight:bold",
    "strong": "font-weight:bold",
    "i": "font-style:italic",
    "em": "font-style:italic",
    "u": "text-decoration:underline",
    "s": "text-decoration:line-through",
    "strike": "text-decoration:line-through",
    "tt": "font-family:monospace",
    "code": "font-family:monospace",
}
_MAX_REOPENED = 1_000_000  # formatting tags times all tags: the elements a page could grow to
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
_SAFE_URL = re.compile(r"^[A-Za-z0-9/:._~%?#&=+@,;!*$-]+$")
_CONDITIONAL = re.compile(r"<!\[[^>]{0,200}\]>|<\?[^>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Sanitised:
    html: str
    remote_count: int = 0  # images and backgrounds of other hosts, shown or not
    is_cut: bool = False


def sanitise(html: str, *, images: Mapping[str, str] | None = None, allow_remote: bool = False) -> Sanitised:
    """`html` as a fragment without scripts, forms, foreign loads, ids or anything that could act.

    `images` maps Content-ID (without brackets) or Content-Location to an address of ours; a `cid:` it does not
    name becomes the placeholder. Bounded in time: longer or denser input is cut (`is_cut`).
    """
    source, is_cut = _bounded(html)
    rewriter = _Rewriter(images or {}, allow_remote)
    # A link thrown out of a table lands inside another link, which HTML cannot write down: the next parser takes the
    # two apart. So the parts are settled first, and what is decided upon is the tree that the browser will see.
    settled = nh3.clean(
        _CONDITIONAL.sub("", source),
        tags=_TAGS,
        clean_content_tags=_CONTENT_GOES_TOO,
        attributes=_ATTRIBUTES,
        strip_comments=True,
        link_rel=None,
        url_schemes=_SCHEMES,
        url_relative="pass_through",
    )
    cleaned = nh3.clean(
        settled,
        tags=_TAGS,
        clean_content_tags=_CONTENT_GOES_TOO,
        attributes=_ATTRIBUTES,
        attribute_filter=rewriter,
        strip_comments=True,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes=_SCHEMES,
        url_relative=rewriter.relative,
    )
    return Sanitised(cleaned, rewriter.remote_count, is_cut)


def _bounded(source: str) -> tuple[str, bool]:
    is_cut = len(source) > MAX_INPUT
    source = source[:MAX_INPUT]
    opening = islice(_OPENING.finditer(source), MAX_TAGS, None)
    first_too_many = next(opening, None)
    if first_too_many:
        source, is_cut = source[: first_too_many.start()], True
    if source.count("<") * len(_FORMATTING.findall(source)) > _MAX_REOPENED:
        source = _FORMATTING.sub(_as_span, source)
    return source, is_cut


def _as_span(tag: re.Match[str]) -> str:
    """HTML5 opens a formatting tag left unclosed again in each block that follows; a span is opened once."""
    if tag[1]:
        return "</span"
    style = _SPAN_STYLES.get(tag[2].lower(), "")
    return f'<span style="{style}"' if style else "<span"


class _Rewriter:
    """Decides each attribute. Called by nh3 for every one that the lists above allow."""

    def __init__(self, images: Mapping[str, str], allow_remote: bool) -> None:
        self._images = images
        self._addresses = frozenset(images.values())
        self._allow_remote = allow_remote
        self.remote_count = 0

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return self._style(value) or None
        if name == "href":
            link = _CONTROLS.sub("", value)
            return link if _LINK.match(link) else None
        if name == "src":
            return self._image(value)
        return value if len(value) <= 1000 else None

    def relative(self, url: str) -> str | None:
        """nh3 asks after the decision above: only an address of ours may be relative."""
        return url if url in self._addresses else None

    def _image(self, value: str) -> str | None:
        source = _CONTROLS.sub("", value)
        ours = self._ours(source)
        if ours:
            return ours
        if _WEB.match(source):
            self.remote_count += 1
            return ("https:" * source.startswith("//") + source) if self._allow_remote else PLACEHOLDER
        if _INLINE_IMAGE.match(source):
            return source
        return PLACEHOLDER if source.lower().startswith("cid:") else None

    def _ours(self, source: str) -> str:
        if source.lower().startswith("cid:"):
            name = unquote(source[4:]).strip("<>")
            return self._images.get(name) or self._images.get(source[4:]) or ""
        return self._images.get(source, "")

    def _style(self, value: str) -> str:
        kept = []
        for declaration in _declarations(value[:10_000]):
            name, colon, setting = declaration.partition(":")
            name, setting = name.strip().lower(), setting.strip()
            if not colon or not setting or not _STYLE_NAMES.match(name):
                continue
            if "(" in setting and name in ("background", "background-image"):
                setting = self._background(setting)
            elif not (_FONT_VALUE if name == "font-family" else _STYLE_VALUE).match(setting):
                continue
            if setting:
                kept.append(f"{name}:{setting}")
        return ";".join(kept)

    def _background(self, setting: str) -> str:
        """The value with its picture replaced by ours, "" when anything else is in it."""
        found = _STYLE_URL.search(setting)
        if not found:
            return setting if _STYLE_VALUE.match(setting) else ""
        rest = setting[: found.start()] + " " + setting[found.end() :]
        if not _STYLE_VALUE.match(rest):
            return ""
        source = _CONTROLS.sub("", next((group for group in found.groups() if group), ""))
        target = self._ours(source)
        if not target and _WEB.match(source):
            self.remote_count += 1
            target = source if self._allow_remote else ""
        if not target or not _SAFE_URL.match(target):
            return rest.strip()
        return f'{rest.strip()} url("{target}")'.strip()


def _declarations(style: str) -> list[str]:
    """Split at semicolons outside brackets and quotes."""
    pieces: list[str] = []
    current: list[str] = []
    closing = ""
    for character in style:
        if closing:
            closing = "" if character == closing else closing
        elif character in "\"'":
            closing = character
        elif character == "(":
            closing = ")"
        elif character == ";":
            pieces.append("".join(current))
            current = []
            continue
        current.append(character)
    return [*pieces, "".join(current)]
