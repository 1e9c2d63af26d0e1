"""Small parts of the pages for customers."""

from datetime import datetime

from django import template
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.policies.promises import PromiseState
from tickets.policies.told import Step
from web.shared import moments

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
    "authorise": _("may confirm important actions"),
}
_PROMISES: dict[str, Promise | str] = {
    PromiseState.KEPT: _("kept"),
    PromiseState.KEPT_LATE: _("kept too late"),
    PromiseState.WITHDRAWN: _("we had to take it back"),
    PromiseState.WITHDRAWN_LATE: _("not kept"),
    PromiseState.WAIVED: _("no longer needed, the request was closed"),
}


@register.filter
def moment(at: datetime) -> str:
    return moments.moment(at)


@register.filter
def by(at: datetime, now: datetime) -> str:
    """`{{ promise.due_at|by:now }}`: "by 18:44 MSK today"."""
    return moments.by(at, now)


@register.filter
def role_word(code: str) -> Promise | str:
    return _ROLES.get(code, code)


@register.filter
def promise_word(state: PromiseState) -> Promise | str:
    """How a promise ended."""
    return _PROMISES.get(state, state)


@register.filter
def right_word(code: str) -> Promise | str:
    """What somebody who takes part in a request may do there."""
    return _RIGHTS.get(code, code)


@register.filter
def step_words(step: Step) -> str:
    """A step of the journal as its customer reads it."""
    return str(capfirst(gettext(step.words) % step.values))
