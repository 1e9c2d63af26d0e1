"""The customer's checklist at the desk: an agent ticks off what came by mail."""

from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now as read_clock
from tickets.services import checklists
from web.desk.actions import action
from web.shared.requests import DeskRequest


@action
def ticking(request: DeskRequest, number: str, public_id: UUID) -> str:
    answer = request.POST.get("message", "")
    checklists.tick_by_hand(number, str(public_id), answer=answer, by=request.actor, now=read_clock())
    return _("Ticked off.")
