"""A mail's own HTML in a frame of its own: no scripts, no forms, no origin, no loads but what is allowed here."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.html import sanitise
from staff.models import StaffProfile
from tickets import queries
from web.shared.downloads import serve
from web.shared.requests import DeskRequest

SALT = "letters.inline_image"
IMAGE_SECONDS = 600


@require_safe
@never_cache
def letter(request: DeskRequest, public_id: UUID) -> HttpResponseBase:
    """`?images=1` also loads what lies on other hosts; the sender then learns that the mail was opened."""
    message = queries.message_html(request.actor, str(public_id))
    allow_remote = request.GET.get("images") == "1"
    images = {name: _signed_address(request, file_id) for name, file_id in message.images.items()}
    clean = sanitise(message.html, images=images, allow_remote=allow_remote)
    context = {"html": mark_safe(clean.html), "letter": clean, "allow_remote": allow_remote}  # noqa: S308
    response = render(request, "desk/letter.html", context)
    remote = " https:" if allow_remote else ""
    response["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        f"img-src 'self' data:{remote}; style-src 'unsafe-inline'"
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


def _signed_address(request: DeskRequest, file_id: str) -> str:
    """A sandboxed frame sends no cookies, so the address itself says who looks, at what, and until when."""
    token = signing.dumps([str(file_id), request.actor.staff_id], salt=SALT)
    return request.build_absolute_uri(reverse("desk:inline_image", args=[token]))


@require_safe
@login_not_required
def inline_image(request: HttpRequest, token: str) -> HttpResponseBase:
    try:
        file_id, staff_id = signing.loads(token, salt=SALT, max_age=IMAGE_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    viewer = StaffProfile.objects.filter(pk=staff_id, user__is_active=True).first()
    if viewer is None:
        raise Http404
    return serve(queries.attachment(viewer.actor(), file_id), inline=True)
