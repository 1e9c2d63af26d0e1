"""The first steps of a desk: what it needs to take and answer mail, each answered by one cheap question."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import channels_app.queries
import customers.queries
import staff.queries
import tickets.queries
from channels_app import way_out
from core import look
from core.clock import now as read_clock


@dataclass(frozen=True, slots=True)
class Step:
    page: str  # the page of the set-up where it is done
    title: str | Promise
    why: str | Promise
    is_done: Callable[[], bool]

    @property
    def address(self) -> str:
        return f"setup:{self.page}"


STEPS = (
    Step(
        "look",
        _("Give the desk its name"),
        _("customers read it on pages and letters"),
        lambda: bool(look.current().name),
    ),
    Step(
        "teams",
        _("Make teams and queues"),
        _("without a queue no mail can wait anywhere"),
        lambda: bool(tickets.queries.every_queue()),
    ),
    Step("people", _("Invite the people"), _("nobody but you is here yet"), lambda: len(staff.queries.people()) > 1),
    Step(
        "mailboxes",
        _("Open a mailbox"),
        _("at its address mail is taken"),
        lambda: any(channels_app.queries.mailboxes(now=read_clock())),
    ),
    Step(
        "relay",
        _("Set the way out"),
        _("answers wait until a server takes them"),
        lambda: way_out.in_force().relay is not None,
    ),
    Step(
        "import",
        _("Bring the customers in"),
        _("until then everybody who writes is a stranger"),
        customers.queries.is_anybody_on_file,
    ),
)


def taken() -> list[tuple[Step, bool]]:
    """Each step with its answer."""
    return [(step, step.is_done()) for step in STEPS]
