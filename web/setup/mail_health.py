"""How mail comes and goes: each door, what waits, what did not leave, and the records of the domains."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from channels_app import dns_check, queries, way_out
from channels_app.words import RECORDS, told
from core.clock import now as read_clock
from staff.roles import Perm
from web.setup import mail_words
from web.setup.access import for_administrators, for_whom_mail_concerns
from web.shared.requests import DeskRequest


@require_safe
@for_whom_mail_concerns
def mail(request: DeskRequest) -> HttpResponse:
    """Facts that others have written down: nobody is asked over the network here."""
    now = read_clock()
    way = way_out.in_force()
    names = mail_words.queue_names()
    context = {
        "may_set_up": request.actor.may(Perm.SET_UP),
        "listener": queries.listener(now=now),
        "doors": [(door, names.get(door.queue, door.queue)) for door in queries.mailboxes(now=now)],
        "incoming": queries.incoming(),
        "outgoing": queries.outgoing(now=now),
        "way": way,
        "way_trouble": told(way.trouble) if way.trouble else None,
        "domains": [
            (view, [(record, seen, RECORDS.get(seen.reason) if seen else None) for record, seen in view.records])
            for view in dns_check.views()
        ],
    }
    return render(request, "setup/mail.html", context)


@require_POST
@for_administrators
def records(request: DeskRequest) -> HttpResponse:
    """Asks DNS about every domain, two seconds each at most."""
    dns_check.check_all(now=read_clock())
    messages.success(request, _("The records were looked at."))
    return redirect("setup:mail")
