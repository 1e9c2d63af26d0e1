"""THE table: what follows from which event, which bells the relay rings, its chores, books and tallies, how long what
is kept.

Read from top to bottom it is everything that happens by itself after a change; at its end what a fresh desk asks.
"""

import events.worker
from api import idempotency
from assurance.event_types import AccountLetterQueued
from assurance.services import address_letters, factors, guessing
from assurance.services import erasing as proofs
from automation import alarm, notifications
from automation import mail as notices
from channels_app import account_mail, outbound, refusals, staff_mail, visitor_mail, visits, web_form
from channels_app import queries as doors
from channels_app.event_types import RequestHeld, VisitAsked
from customers.event_types import AdministrativeAddressReplaced
from customers.services import import_work
from events import bookkeeping, tally
from events.registry import Bell, Source, add_bell, add_book, add_chore, add_tally, subscribe
from ops.backups import last
from ops.demo import mailbox
from privacy import erasing, old
from privacy.retention import add_kind, rows
from staff.event_types import StaffLetterQueued
from staff.services import journal_digest, letters
from tickets.event_types import (
    ActionAuthorised,
    ActionRefused,
    AssigneeChanged,
    GlassBroken,
    MessageReceived,
    NoteAdded,
    PressureRaised,
    ReplyDelivered,
    ReplyQueued,
    ReplyWritten,
    RequestFiled,
    SideLetterQueued,
    StatusChanged,
)
from tickets.queries import books
from tickets.services import (
    acknowledging,
    auto_reply,
    counters,
    drafts,
    levels,
    search,
    secrets,
    spam_digest,
    uploads,
)
from tickets.services.critical import acting
from users import closing
from users.event_types import FactorChanged, PasswordsGuessed
from web.setup import steps

subscribe(ReplyQueued, outbound.SUBSCRIBER)
subscribe(SideLetterQueued, outbound.ASIDE)
subscribe(RequestFiled, acknowledging.SUBSCRIBER)
subscribe(StaffLetterQueued, staff_mail.SUBSCRIBER)
subscribe(RequestHeld, visitor_mail.LINK)
subscribe(VisitAsked, visitor_mail.CODE)
subscribe(AccountLetterQueued, account_mail.SUBSCRIBER)
subscribe(FactorChanged, factors.SUBSCRIBER)
subscribe(PasswordsGuessed, guessing.SUBSCRIBER)
subscribe(AdministrativeAddressReplaced, address_letters.SUBSCRIBER)
for tells in (
    ActionAuthorised,
    ActionRefused,
    AssigneeChanged,
    GlassBroken,
    MessageReceived,
    NoteAdded,
    PressureRaised,
    ReplyDelivered,
    ReplyWritten,
    StatusChanged,
):
    subscribe(tells, notifications.SUBSCRIBER)

add_bell(Bell("deliveries", "events.deliveries", events.worker.has_work))
add_bell(Bell("mail_in", "channels_app.mail_in", doors.has_incoming))

add_bell(Bell("imports", "customers.imports", import_work.has_work))
add_bell(Bell("heartbeat", "events.heartbeat", bookkeeping.wants_beat))

add_chore(counters.fold)
add_chore(auto_reply.send_summaries)
add_chore(levels.sweep)
add_chore(acting.expire)
add_chore(spam_digest.send)
add_chore(notices.send)
add_chore(secrets.wipe)
add_chore(search.index_texts)
add_chore(bookkeeping.keep)
add_chore(alarm.send)
add_chore(tally.keep)
add_chore(journal_digest.tell)

add_book("mail_unread", doors.mail_unread)
add_book("mail_nowhere", doors.mail_nowhere)
add_book("tickets_unanswered", books.tickets_unanswered)
add_book("numbers_unknown", books.numbers_unknown)
add_book("levels_overdue", books.levels_overdue)
add_book("summaries_overdue", books.summaries_overdue)
add_book("deliveries_due", bookkeeping.deliveries_due)
add_book("leases_overrun", bookkeeping.leases_overrun)
add_book("work_silent", bookkeeping.work_silent)
add_book("journals_broken", bookkeeping.journals_broken)

add_tally("events", Source(tally.newest_event, tally.newest_event, tally.count_events))
add_tally("mail", Source(doors.newest_mail, doors.settled_mail, doors.count_mail))

# What is kept, unless an administrator says otherwise (/setup/privacy/): days, and the fewest he may choose.
add_kind(old.closed_tickets(days=None, least=30))
add_kind(old.spam(days=90, least=7))
add_kind(old.mail(days=1095, least=30))
add_kind(old.calls(days=1095, least=30))
add_kind(rows("views", proofs.old_views, days=1095, least=180, may_stay=True))
add_kind(rows("letters", proofs.old_letters, letters.old, days=1095, least=30, may_stay=True))
add_kind(rows("notices", notifications.old, days=90, least=7))
add_kind(rows("drafts", drafts.old, uploads.old, days=90, least=7))
add_kind(rows("sign_ins", closing.old_attempts, days=30))
add_kind(rows("refusals", refusals.old, days=14))
add_kind(old.imports(days=7))
add_kind(rows("answers", idempotency.old, days=2, least=2))  # docs/api.md promises two
add_kind(rows("visits", visits.old, web_form.old_requests, web_form.old_files, days=1))

erasing.ALSO += [idempotency.forget_about, mailbox.forget_about]

steps.add_backup(is_fresh=last.is_fresh, last=last.last_good)
