"""Reads for pages. Frozen dataclasses of plain values leave this room, never rows."""

from tickets.queries.files import FileView, MessageHtml, attachment, message_html
from tickets.queries.queue import (
    Person,
    QueueInfo,
    QueuePage,
    QueueRow,
    counters,
    people,
    queue_page,
    queues,
)
from tickets.queries.ticket import SHOWN_EVENTS, TicketPage, TimelineItem, ticket_page
from tickets.queries.walks import QueueFilter

__all__ = [
    "SHOWN_EVENTS", "FileView", "MessageHtml", "Person", "QueueFilter", "QueueInfo", "QueuePage", "QueueRow",
    "TicketPage", "TimelineItem", "attachment", "counters", "message_html", "people", "queue_page", "queues",
    "ticket_page",
]  # fmt: skip
