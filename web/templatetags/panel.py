"""Small parts of the pages for customers."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.policies.promises import PromiseState

register = template.Library()

_ROLES: dict[str, Promise | str] = {
    "owner": _("owner: everything"),
    "administrative": _("decides about everything"),
    "technical": _("questions, no decisions"),
    "billing": _("documents and payment"),
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
_PROMISES: dict[str, Promise | str] = {
    PromiseState.KEPT: _("kept"),
    PromiseState.KEPT_LATE: _("kept too late"),
    PromiseState.WITHDRAWN: _("we had to take it back"),
    PromiseState.WITHDRAWN_LATE: _("not kept"),
}


@register.filter
def role_word(code: str) -> Promise | str:
    return _ROLES.get(code, code)


@register.filter
def promise_word(state: PromiseState) -> Promise | str:
    """How a promise ended."""
    return _PROMISES.get(state, state)


@register.filter
def step_word(status: str) -> Promise | str:
    """A state of the ticket as a step of its way, in the customer's words."""
    return _EVENTS.get(status, status)
