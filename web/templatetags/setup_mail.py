"""How a door is, in words."""

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from channels_app.policies.dns_records import Verdict
from channels_app.queries import DoorView
from channels_app.words import told
from web.templatetags.desk import icon

register = template.Library()


@register.simple_tag
def door_health(door: DoorView) -> SafeString:
    good = ""
    if not door.is_active:
        good = str(_("Paused"))
    elif not door.trouble:
        good = _good(door)
    words = told(door.trouble) if door.trouble and door.is_active else None
    return render_to_string("setup/parts/health.html", {"words": words, "since": door.since, "good": good})


VERDICTS = {
    Verdict.PRESENT: ("good", "circle-check", _("present")),
    Verdict.MISSING: ("bad", "circle-alert", _("missing")),
    Verdict.DIFFERENT: ("warn", "triangle-alert", _("different")),
    Verdict.UNKNOWN: ("warn", "circle", _("not known")),
}


@register.simple_tag
def verdict(code: str) -> SafeString:
    kind, sign, word = VERDICTS[Verdict(code)]
    return format_html('<span class="health health--{}">{}{}</span>', kind, icon(sign), word)


def _good(door: DoorView) -> str:
    if door.good_at is None:
        return str(_("Not looked at yet"))
    return str(_("Good at %(at)s")) % {"at": date_format(localtime(door.good_at), "H:i d.m.Y")}
