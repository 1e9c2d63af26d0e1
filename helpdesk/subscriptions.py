"""THE table: what follows from which event, which bells the relay rings, its chores, books and tallies.

Read from top to bottom it is everything that happens by itself after a change; at its end what a fresh desk asks.
"""

import events.worker
from api import idempotency
from assurance.event_types import AccountLetterQueued
from automation import alarm, notifications
from automation import mail as notices
from channels_app import account_mail, outbound, staff_mail, visitor_mail
from channels_app import queries as doors
from channels_app.event_types import RequestHeld, VisitAsked
from customers.services import import_work
from events import bookkeeping, tally
from events.registry import Bell, Source, add_bell, add_book, add_chore, add_tally, subscribe
from ops.backups import last
from staff.event_types import StaffLetterQueued
from staff.services import journal_digest
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
from tickets.services import acknowledging, auto_reply, counters, levels, search, secrets, spam_digest
from tickets.services.critical import acting
from web.setup import steps

subscribe(ReplyQueued, outbound.SUBSCRIBER)
subscribe(SideLetterQueued, outbound.ASIDE)
subscribe(RequestFiled, acknowledging.SUBSCRIBER)
subscribe(StaffLetterQueued, staff_mail.SUBSCRIBER)
subscribe(RequestHeld, visitor_mail.LINK)
subscribe(VisitAsked, visitor_mail.CODE)
subscribe(AccountLetterQueued, account_mail.SUBSCRIBER)
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
add_chore(idempotency.forget)
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

steps.add_backup(is_fresh=last.is_fresh, last=last.last_good)
