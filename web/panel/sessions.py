"""Where a customer is signed in, and the end of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from users import sessions
from users.models import Realm
from web.shared.requests import PanelRequest


@require_POST
def one(request: PanelRequest, signed_in_id: int) -> HttpResponse:
    sessions.end(request.user.pk, signed_in_id, realm=Realm.PANEL)
    messages.success(request, _("Ended: whoever was signed in there has to sign in again."))
    return redirect("panel:me")


@require_POST
def others(request: PanelRequest) -> HttpResponse:
    """All but the one that asks."""
    ended = sessions.end_all(request.user.pk, realm=Realm.PANEL, but=request.session.session_key)
    messages.success(request, ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended})
    return redirect("panel:me")
