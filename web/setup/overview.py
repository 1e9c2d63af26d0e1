from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from web.setup import steps
from web.setup.access import for_administrators
from web.setup.pages import PAGES
from web.shared.requests import DeskRequest


@require_safe
@for_administrators
def overview(request: DeskRequest) -> HttpResponse:
    """The cards of all pages, under the first steps as long as one of them is left."""
    first = steps.taken()
    left = sum(step.is_needed and not is_done for step, is_done, _ in first)
    context = {"steps": first, "left": left, "cards": [page for page in PAGES if page.name != "index"]}
    return render(request, "setup/index.html", context)
