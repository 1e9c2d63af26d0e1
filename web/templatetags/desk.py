"""Small parts of the desk's pages: icons, states, levels, words for codes."""

import re
from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import lru_cache

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from automation.notifications import Told
from core.look import Look
from staff.actor import Actor
from staff.roles import Perm
from tickets.numbers import CALLS, pretty
from tickets.policies.search import marks
from tickets.policies.secrets import MARKED
from tickets.queries import FileView, TimelineItem
from web.desk import fields as own_fields
from web.desk import mail_words, names, words
from web.desk.fragments import TOKEN, fragment
from web.desk.ticket import PromiseRefusal
from web.shared import asking, look
from web.shared.preferences import KEYS_COOKIE, THEME_COOKIE, THEMES
from web.shared.words import own_name

register = template.Library()


AVATAR_COLOURS = "abcde"
_TABLES = vars(words) | vars(mail_words)
_BARS = ((0.0, 8), (5.5, 6), (11.0, 4), (16.5, 2), (22.0, 0))


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 16) -> SafeString:
    """One of static/icons.svg. Says nothing to a screen reader: words stand beside it."""
    kind = f"i i--{size}" if size != 16 else "i"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', kind, static("icons.svg"), name
    )


@register.simple_tag(takes_context=True)
def kept(context: Context, template: str, **values: Hashable) -> SafeString:
    """Like `{% include ... only %}` for pieces that many pages show alike (web/desk/fragments.py)."""
    html = fragment(template, **values)
    if TOKEN in html:
        return mark_safe(html.replace(TOKEN, str(context["csrf_token"])))  # noqa: S308 - Django's own letters and digits
    return html


@register.simple_tag(takes_context=True)
def desk_look(context: Context) -> Look:
    return look.of(context["request"])


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    chosen = context["request"].COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


@register.simple_tag(takes_context=True)
def keys_are_off(context: Context) -> bool:
    return context["request"].COOKIES.get(KEYS_COOKIE) == "off"


@register.simple_tag
def state(status: str) -> SafeString:
    word, kind, sign = words.STATUSES[status]
    return format_html('<span class="state state--{}">{}{}</span>', kind, icon(sign, 14), word)


@register.simple_tag
def proof(level: int) -> SafeString:
    return _proof(int(level), get_language() or "")


ON = ' class="on"'


@lru_cache(maxsize=64)
def _proof(level: int, language: str) -> SafeString:
    bars = mark_safe(  # noqa: S308  numbers of a table above
        "".join(
            f'<rect x="{x}" y="{y}" width="4" height="{12 - y}" rx="1"{ON if step < level else ""}/>'
            for step, (x, y) in enumerate(_BARS)
        )
    )
    return format_html(
        '<span class="proof proof--{}" title="{}"><svg viewBox="0 0 26 12" aria-hidden="true">{}</svg>'
        '<span class="vh">{} </span>{}</span>',
        level,
        _("Proof of identity: level %(level)s of 5") % {"level": level},
        bars,
        _("Level %(level)s of 5:") % {"level": level},
        words.word(words.LEVELS, level),
    )


@register.simple_tag
def door(code: str) -> SafeString:
    word, sign = words.DOORS.get(code, (code, "inbox"))
    return format_html('<span title="{}">{}<span class="vh">{}</span></span>', word, icon(sign, 14), word)


@register.filter
def door_word(code: str) -> str:
    return str(words.DOORS.get(code, (code, ""))[0])


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Initials in a colour of their own; decorative."""
    kind = f" av--{size}" if size else ""
    if not name:
        return format_html('<span class="av av--none{}" aria-hidden="true"></span>', kind)
    letters = "".join(part[0] for part in name.replace("@", " ").split()[:2] if part[0].isalnum()).upper()
    colour = AVATAR_COLOURS[sum(map(ord, name)) % len(AVATAR_COLOURS)]
    return format_html('<span class="av av--{}{}" aria-hidden="true">{}</span>', colour, kind, letters)


@register.simple_tag
def options(table: str, chosen: object) -> SafeString:
    """The options of a select for one of the vocabularies."""
    entries = _TABLES[table].items()
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (
                code,
                mark_safe(" selected") if str(code) == str(chosen) else "",
                entry[0] if isinstance(entry, tuple) else entry,
            )
            for code, entry in entries
        ),
    )


@register.filter
def says(code: object, table: str) -> str:
    """`{{ code|says:"REASONS" }}`: the word for a code."""
    return words.word(_TABLES[table], code)


@register.filter
def at_promise(refused: PromiseRefusal | None, which: str) -> PromiseRefusal | None:
    """A refusal, where it belongs to this form."""
    return refused if refused and refused.which == which else None


@register.filter
def odd_when(kind: str) -> str:
    """What is said of a day or time that is none, by the kind of its field."""
    return words.word(words.REFUSALS, words.ODD_WHEN[kind])


@register.filter
def actor_name(key: str) -> str:
    """Of a colleague, by the key that stands in the journal; empty for anybody else."""
    return names.of_actor(key)


@register.filter
def answered(details: tuple[tuple[str, str], ...]) -> list[tuple[object, object]]:
    """What a form asked beside the words and what was answered."""
    return [*asking.shown(details)]


@register.simple_tag(takes_context=True)
def event_line(context: Context, item: TimelineItem) -> SafeString:
    """Who did what and when, people and queues by name."""
    values = dict(item.event_data)
    if item.event_type == "AssigneeChanged":
        after = values.get("after")
        values["after"] = names.of_staff(after) or _("another colleague") if after else _("Nobody's yet")
    if item.event_type == "FieldFilled":
        own = next(each for each in context["ticket"].fields if each.id == values["field_id"])
        values = {side: own_fields.says(own, values[side]) or "–" for side in ("before", "after")}
        values["field"] = own_name(own)
    if item.event_type == "PromiseMade":
        values["due_at"] = date_format(timezone.localtime(datetime.fromisoformat(values["due_at"])), "d.m.Y H:i")
    if "number" in values:
        values["number"] = pretty(str(values["number"]))
    queues = {queue.slug: own_name(queue) for queue in context.get("queues") or ()}
    what = words.event(item.event_type, values, queues)
    return fragment("desk/parts/event.html", who=names.of_actor(item.actor), what=what, at=item.at)


@register.filter
def marked(text: str, stems: tuple[str, ...]) -> SafeString:
    """The text with what was searched for in <mark>."""
    pieces = marks(text, stems)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if hit else piece,) for piece, hit in pieces)
    )


@register.filter
def told_words(row: Told) -> str:
    return words.told(row.kind, by=names.of_actor(row.by))


@register.filter
def call_number(digits: str) -> str:
    return pretty(digits, CALLS)


@register.filter
def mentioned(item: TimelineItem) -> SafeString:
    """The text of a note, with those who were told of it by an @."""
    told = [mention for mention in item.mentions if not mention.why_not]
    starts, ends = [mention.start for mention in told], [mention.end for mention in told]
    plain = [item.text[a:b] for a, b in zip([0, *ends], [*starts, len(item.text)], strict=True)]
    names_of = [format_html('<span class="mention">{}</span>', item.text[m.start : m.end]) for m in told]
    pieces = zip(plain, [*names_of, SafeString("")], strict=True)
    return format_html_join("", "{}{}", pieces)


@register.filter
def untold(item: TimelineItem) -> list[str]:
    """Who was named in a note and not told, and why."""
    return [words.not_told(item.text[each.start : each.end], each.why_not) for each in item.mentions if each.why_not]


@register.filter
def may(actor: Actor, perm: str) -> bool:
    """`{% if request.actor|may:"handle_quarantine" %}`: what a role may not open is not offered to it."""
    return actor.may(Perm(perm))


@register.filter
def may_only_set_up(actor: Actor | None) -> bool:
    """Where lists of tickets are no way on. None is nobody who is signed in."""
    return actor is not None and actor.may(Perm.SET_UP) and not actor.may(Perm.SEE_TICKETS)


@register.filter
def address(kept: str) -> str:
    """As people read it; what erasing left in the place of one is none."""
    return kept if "@" in kept else _("erased address")


@register.filter
def is_image(file: FileView) -> bool:
    return file.content_type.startswith("image/")


@register.filter
def with_secrets(html: SafeString, public_id: str) -> SafeString:
    """What was taken out of a message's words, as ways to it; "" is a message that is not here any more."""

    def way(mark: re.Match[str]) -> str:
        if not public_id:
            return "•••"
        address = reverse("desk:secret", args=[public_id, int(mark[1])])
        return format_html('<a class="chip secret" href="{}" rel="nofollow">{}</a>', address, _("••• hidden"))

    return mark_safe(MARKED.sub(way, html))  # noqa: S308 - only the marks change


@register.filter
def said(typed: Mapping[str, str], name: str) -> str:
    """What was typed into a field of a form that was refused."""
    return typed.get(name, "")


register.filter(own_name)
