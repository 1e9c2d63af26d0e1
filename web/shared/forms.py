"""What is wrong with a form before a view reads it, so that the view may say it beside the field."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

View = TypeVar("View", bound=Callable[..., Any])


def keeps_words(view: View) -> View:
    """For a view that asks `were_files_too_large` and shows its form again: of a form larger than can be taken it is
    given the words (helpdesk/body.py). The others leave such a form to a page of its own.
    """
    view.keeps_words = True  # type: ignore[attr-defined]  # a mark, as Django's own csrf_exempt
    return view


def were_files_too_large(request: HttpRequest) -> bool:
    """Whoever sends the header himself is refused what he need not have sent."""
    return "X-Files-Too-Large" in request.headers


def take_out_nuls(request: HttpRequest) -> set[str]:
    """No text of PostgreSQL holds one and nobody can see it. Gives the names of the fields they stood in."""
    odd = {name for name, values in request.POST.lists() if any("\0" in value for value in values)}
    if odd:
        clean = request.POST.copy()
        for name in odd:
            clean.setlist(name, [value.replace("\0", "") for value in clean.getlist(name)])
        request.POST = clean  # type: ignore[assignment]  # nobody changes it from here on
    return odd
