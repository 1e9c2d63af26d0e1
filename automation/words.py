"""What somebody is told, in words: for pages and letters alike."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.policies.concern import Why

KINDS: Mapping[str, str | Promise] = {
    Why.ASSIGNED: _("You were given a ticket"),
    Why.TAKEN: _("A ticket is not yours any more"),
    Why.WROTE: _("The customer wrote"),
    Why.NOTED: _("A colleague left a note"),
    Why.REPLIED: _("A colleague replied in your ticket"),
    Why.MENTIONED: _("You were mentioned"),
    Why.FAILED: _("A reply of yours did not get through"),
    Why.ALARM: _("Look at once: somebody pushes, refused, or broke the glass"),
    Why.PROVEN: _("A critical action was answered"),
    Why.FOLLOWED_WROTE: _("The customer wrote in a ticket you follow"),
    Why.FOLLOWED_NOTED: _("A note in a ticket you follow"),
    Why.FOLLOWED_REPLIED: _("A colleague replied in a ticket you follow"),
    Why.FOLLOWED_CHANGED: _("A ticket you follow has another state or assignee"),
}
CHOSEN = {kind: words for kind, words in KINDS.items() if kind is not Why.ALARM}  # an alarm is nobody's choice
