"""The first steps of a desk: what it needs to take and answer mail, each answered by one cheap question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import channels_app.queries
import customers.queries
import staff.queries
import tickets.queries
from channels_app import dns_check, way_out
from channels_app.policies.dns_records import Verdict
from core import look
from core.clock import now as read_clock
from tickets.services import texts


@dataclass(frozen=True, slots=True)
class Step:
    page: str  # the page of the set-up where it is done
    title: str | Promise
    why: str | Promise
    is_done: Callable[[], bool]
    is_needed: bool = True  # no: the desk is whole without it
    last: Callable[[], datetime | None] = lambda: None  # when it was done last, where it has to be done again

    @property
    def address(self) -> str:
        """Empty: it is not done on a page."""
        return f"setup:{self.page}" if self.page else ""


STEPS = [
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
        "mail",
        _("Publish the DNS records"),
        _("without them other servers doubt our letters"),
        lambda: _are_published(dns_check.views()),
    ),
    Step(
        "texts",
        _("Read the automatic texts"),
        _("the desk writes them in your name; change what you would say otherwise"),
        lambda: bool(texts.in_force().changed),
        is_needed=False,
    ),
    Step(
        "import",
        _("Bring the customers in"),
        _("until then everybody who writes is a stranger"),
        customers.queries.is_anybody_on_file,
    ),
]


def add_backup(*, is_fresh: Callable[[], bool], last: Callable[[], datetime | None]) -> None:
    """Made by a command, so there is no page for it; whoever counts backups says whether a good one is there."""
    why = _("a broken disk would take everything: manage.py backup from cron, see docs/operating.md")
    STEPS.append(Step("", _("Have a backup made every night"), why, is_fresh, last=last))


def _are_published(domains: Sequence[dns_check.DomainView]) -> bool:
    """All of them, as they were last looked at."""
    seen = [found for domain in domains for _record, found in domain.records]
    return bool(seen) and all(found is not None and found.verdict is Verdict.PRESENT for found in seen)


def taken() -> list[tuple[Step, bool, datetime | None]]:
    """Each step with its answer."""
    return [(step, step.is_done(), step.last()) for step in STEPS]
