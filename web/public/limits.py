"""How much strangers may do. Figures: docs/public-pages.md."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from core.limits import Limit, Over

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEGABYTE = 1024 * 1024

FORM_NETWORK_HOUR = Limit("form network", 5, HOUR)
FORM_NETWORK_DAY = Limit("form network", 50, DAY)
FORM_ADDRESS_HOUR = Limit("form address", 5, HOUR)
FORM_ADDRESS_DAY = Limit("form address", 20, DAY)
FORM_ALL_DAY = Limit("form all", 2000, DAY)  # beyond it only the mailed link completes a request
FILES_NETWORK_DAY = Limit("files network", 500 * MEGABYTE, DAY)
FILES_ALL_DAY = Limit("files all", 10_000 * MEGABYTE, DAY)
# Letters that nobody may have asked for: as the automatic reply of level 1.
LINK_ADDRESS_HOUR = Limit("link address", 3, HOUR)
LINK_ADDRESS_DAY = Limit("link address", 10, DAY)
LINK_DOMAIN_HOUR = Limit("link domain", 60, HOUR)
LINK_ALL_HOUR = Limit("link all", 600, HOUR)

CODE_NETWORK_HOUR = Limit("code network", 20, HOUR)
CODE_ADDRESS_HOUR = Limit("code address", 5, HOUR)
CODE_ADDRESS_DAY = Limit("code address", 15, DAY)
TRY_NETWORK_HOUR = Limit("try network", 40, HOUR)
TRY_TICKET_DAY = Limit("try ticket", 25, DAY)
ANSWER_TICKET_HOUR = Limit("answer ticket", 20, HOUR)


def mailbox(email: str) -> str:
    """Whose letters they are, as far as an address shows: what stands behind a plus is a note to oneself, and at Gmail
    so are dots. To count by, never to know somebody by.
    """
    local, _at, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def told(over: Over, *, now: datetime) -> str:
    """When it works again: in minutes, from two hours on in hours."""
    minutes = int((over.until - now).total_seconds() // 60) + 1
    if minutes < 120:
        return _("Too many within a short time. It works again in %(minutes)s min.") % {"minutes": minutes}
    return _("Too many within a short time. It works again in %(hours)s h.") % {"hours": -(-minutes // 60)}


def told_by_a_form(over: Over, *, now: datetime) -> str:
    return " ".join((told(over, now=now), _("Everything typed is here.")))
