"""How a door is, in words."""

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from channels_app.queries import DoorView
from channels_app.words import told

register = template.Library()


@register.simple_tag
def door_health(door: DoorView) -> SafeString:
    good = ""
    if not door.is_active:
        good = _("Paused")
    elif not door.trouble:
        good = _good(door)
    words = told(door.trouble) if door.trouble and door.is_active else None
    return render_to_string("setup/parts/health.html", {"words": words, "since": door.since, "good": good})


def _good(door: DoorView) -> str:
    if door.good_at is None:
        return _("Not looked at yet")
    return _("Good at %(at)s") % {"at": date_format(localtime(door.good_at), "H:i d.m.Y")}
