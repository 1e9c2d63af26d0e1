"""Pages that anybody may open."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from channels_app.queries import front_door


@require_safe
@login_not_required
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "public/start.html", {"address": front_door().address})
