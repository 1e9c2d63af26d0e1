from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from web.setup.access import for_administrators
from web.setup.pages import PAGES
from web.shared.requests import DeskRequest


@require_safe
@for_administrators
def overview(request: DeskRequest) -> HttpResponse:
    return render(request, "setup/index.html", {"cards": [page for page in PAGES if page.name != "index"]})
