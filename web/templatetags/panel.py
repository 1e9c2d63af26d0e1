"""Small parts of the pages for customers."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

_ROLES: dict[str, Promise | str] = {
    "owner": _("owner: everything"),
    "administrative": _("decides about everything"),
    "technical": _("questions, no decisions"),
    "billing": _("documents and payment"),
}
_RIGHTS: dict[str, Promise | str] = {
    "see": _("reads"),
    "reply": _("answers"),
    "authorise": _("may confirm critical actions"),
}
_EVENTS: dict[str, Promise | str] = {
    "new": _("accepted"),
    "open": _("we work on it"),
    "waiting_customer": _("we wait for your answer"),
    "waiting_confirmation": _("we wait for a confirmation"),
    "waiting_third_party": _("we wait for a partner"),
    "workaround": _("it works for the time being, the cause is still to be mended"),
    "resolved": _("solved"),
    "closed": _("closed"),
}


@register.filter
def role_word(code: str) -> Promise | str:
    return _ROLES.get(code, code)


@register.filter
def right_word(code: str) -> Promise | str:
    """What somebody who takes part in a request may do there."""
    return _RIGHTS.get(code, code)


@register.filter
def step_word(status: str) -> Promise | str:
    """A state of the ticket as a step of its way, in the customer's words."""
    return _EVENTS.get(status, status)
