"""What somebody of the desk sets for himself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tickets.policies.signature import PLACEHOLDERS
from tickets.services import signatures as kept
from tickets.services.refused import Refused
from web.desk import words
from web.shared.requests import DeskRequest


@require_safe
@never_cache
def me(request: DeskRequest) -> HttpResponse:
    return _page(request, kept.own(request.user.staff.pk))


@require_POST
def signatures(request: DeskRequest) -> HttpResponse:
    typed = {code: request.POST.get(f"signature_{code}", "") for code in words.LANGUAGES}
    try:
        for code, text in typed.items():
            kept.keep_own(request.user.staff.pk, language=code, text=text)
    except Refused as refusal:
        return _page(request, typed, refusal=words.word(words.REFUSALS, refusal.code), status=409)
    messages.success(request, _("Signatures saved."))
    return redirect("desk:me")


def _page(request: DeskRequest, texts: dict[str, str], *, refusal: str = "", status: int = 200) -> HttpResponse:
    shown = [(code, name, texts.get(code, "")) for code, name in words.LANGUAGES.items()]
    placeholders = " ".join(f"{{{each}}}" for each in PLACEHOLDERS)
    context = {"signatures": shown, "placeholders": placeholders, "refusal": refusal}
    return render(request, "desk/me.html", context, status=status)
