"""What books that do not add up mean, in words for people of the desk."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# book -> what is wrong, and what it means for whoever works here
BOOKS: dict[str, tuple[str | Promise, str | Promise]] = {
    "mail_unread": (
        _("Mail that was accepted has waited for more than ten minutes."),
        _("It is safe and will become tickets; its senders learn their numbers late."),
    ),
    "mail_nowhere": (
        _("Mail that counts as filed is at no ticket."),
        _("Its bytes are kept. If somebody asks about a letter, have the administrator look for it."),
    ),
    "tickets_unanswered": (
        _("Tickets have neither an automatic reply nor the reason why not."),
        _("Their senders may not know the number: answer the newest tickets first."),
    ),
    "numbers_unknown": (
        _("Tickets carry numbers that are not in the register."),
        _("Open no ticket by hand until the administrator has looked."),
    ),
    "levels_overdue": (
        _("Proof that has run out still counts."),
        _("Before anything critical look at the time of the proof yourself."),
    ),
    "summaries_overdue": (
        _("Letters that list several numbers are late."),
        _("Whoever wrote many letters may not know the numbers yet."),
    ),
    "deliveries_due": (
        _("Answers wait to be sent for more than five minutes."),
        _("They leave by themselves once the cause is gone: do not write them again."),
    ),
    "leases_overrun": (
        _("Work that a dead process held is not taken up again."),
        _("Some answers stand still: do not write them again."),
    ),
    "work_silent": (
        _("The part that reads mail and sends answers is silent."),
        _("Mail and answers wait; nothing is lost."),
    ),
    "journals_broken": (
        _("A journal is no longer what was written."),
        _("Tell the administrator at once, and delete nothing."),
    ),
}
NO_BOOKS: tuple[str | Promise, str | Promise] = (
    _("Nobody keeps the books at the moment."),
    _("Mail and answers may be late, and this page would not know."),
)
