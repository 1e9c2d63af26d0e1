"""Who may set the desk up."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from staff.roles import Perm
from web.shared.requests import DeskRequest

P = ParamSpec("P")


def for_administrators(
    view: Callable[Concatenate[DeskRequest, P], HttpResponse],
) -> Callable[Concatenate[DeskRequest, P], HttpResponse]:
    """Every view below /setup/ wears this one; a test walks the addresses."""

    @never_cache
    @wraps(view)
    def wrapper(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.actor.may(Perm.SET_UP):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper
