"""THE table: what follows from which event, which bells the relay rings, and its chores.

Read from top to bottom it is everything that happens by itself after a change.
"""

import channels_app.queries
import events.worker
from channels_app import outbound
from events.registry import Bell, add_bell, add_chore, subscribe
from tickets.event_types import ReplyQueued
from tickets.services import auto_reply, counters, levels, search

subscribe(ReplyQueued, outbound.SUBSCRIBER)

add_bell(Bell("deliveries", "events.deliveries", events.worker.has_work))
add_bell(Bell("mail_in", "channels_app.mail_in", channels_app.queries.has_incoming))

add_chore(counters.fold)
add_chore(auto_reply.send_summaries)
add_chore(levels.sweep)
add_chore(search.index_texts)
