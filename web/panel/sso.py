"""Into the panel by a link of the provider's own system. Opening it changes nothing: scanners open every link."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.clock import now as read_clock
from customers import external
from customers.services.signing_in import Entrance, entrance_of
from events import outbox
from users import sign_on
from users.event_types import SignedOn
from users.models import User
from web.panel.sign_in import admit


@login_not_required
@never_cache
@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
def sso(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "panel/sso.html", {"token": request.GET.get("token", "")})
    now = read_clock()
    signed = sign_on.read(request.POST.get("token", ""), now=now)
    entrance = _entrance(signed, now=now) if signed else None
    if signed is None or entrance is None:
        return render(request, "panel/sso.html", {"is_refused": True}, status=400)
    request.session.flush()  # whoever was signed in here is nothing to him who comes
    user = User.objects.get(pk=entrance.user_id)
    named = external.account(signed.account)
    return admit(request, user, target=reverse("panel:home"), account=str(named.id) if named else "")


class _Refused(Exception):
    pass


def _entrance(signed: sign_on.SignOn, *, now: datetime) -> Entrance | None:
    """Uses the link up. One that leads nowhere is not used up: nothing of it stays."""
    try:
        with transaction.atomic():
            entrance = entrance_of(signed.contact, account=signed.account)
            if entrance is None or not sign_on.use(signed, now=now):
                raise _Refused
            came = SignedOn(contact_id=entrance.contact_id, key_id=signed.key_id, second_factor=signed.second_factor)
            outbox.record(came, by=f"contact:{entrance.contact_id}", now=now)
    except _Refused:
        return None
    return entrance
