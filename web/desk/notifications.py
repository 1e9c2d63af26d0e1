"""What a person of the desk has been told: a number on every page, a list, and what is new as the page asks for it."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from automation import notifications as told
from core.clock import now as read_clock
from web.desk import names, words
from web.desk.numbers import digits
from web.shared.numbers import number_in
from web.shared.requests import DeskRequest


@require_safe
@never_cache
def notifications(request: DeskRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    page = told.page(request.actor, before=number_in(before))
    context = {"page": page, "has_unseen": any(not row.is_seen for row in page.rows), "is_later": bool(before)}
    return render(request, "desk/notifications.html", context)


@require_safe
@never_cache
def news(request: DeskRequest) -> HttpResponse:
    """For the script of the bell: how many are unseen, and the newest of them in words."""
    rows = [
        {
            "id": row.id,
            "number": row.number,
            "url": reverse("desk:ticket", args=[row.number]),
            "words": words.told(row.kind, by=names.of_actor(row.by)),
            "subject": f"{row.pretty_number} {row.subject}",
        }
        for row in told.newest_unseen(request.actor)
    ]
    return JsonResponse({"unseen": told.unseen_count(request.actor), "rows": rows})


@require_POST
def seen(request: DeskRequest) -> HttpResponse:
    told.mark_seen(request.actor, number=digits(request.POST.get("number", "")), now=read_clock())
    return redirect("desk:notifications")
