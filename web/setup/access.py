"""Who may set the desk up."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from staff.roles import Perm
from web.shared.requests import DeskRequest

P = ParamSpec("P")
Response = TypeVar("Response", bound=HttpResponseBase)


def for_administrators(
    view: Callable[Concatenate[DeskRequest, P], Response],
) -> Callable[Concatenate[DeskRequest, P], Response]:
    """Every view below /setup/ wears this one; a test walks the addresses."""

    @never_cache
    @wraps(view)
    def wrapper(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> Response:
        if not request.actor.may(Perm.SET_UP):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper
