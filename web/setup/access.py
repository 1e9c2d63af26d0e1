"""Who may set the desk up."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from staff.roles import Perm
from web.shared.requests import DeskRequest

P = ParamSpec("P")
Response = TypeVar("Response", bound=HttpResponseBase)


View: TypeAlias = Callable[Concatenate[DeskRequest, P], Response]


def for_administrators(view: View[P, Response]) -> View[P, Response]:
    """Every view below /setup/ wears this one or the next; a test walks the addresses."""
    return _for(Perm.SET_UP, view)


def for_whom_mail_concerns(view: View[P, Response]) -> View[P, Response]:
    return _for(Perm.SEE_MAIL_HEALTH, view)


def _for(perm: Perm, view: View[P, Response]) -> View[P, Response]:
    @never_cache
    @wraps(view)
    def wrapper(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> Response:
        if not request.actor.may(perm):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper
