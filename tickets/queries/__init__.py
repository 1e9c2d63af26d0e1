"""Reads for pages. Frozen dataclasses of plain values leave this room, never rows."""

from tickets.queries.files import FileView, MessageHtml, attachment, message_html
from tickets.queries.mail import MailEnd, ends_of_mail
from tickets.queries.queue import (
    Person,
    QueueInfo,
    QueuePage,
    QueueRow,
    every_queue,
    people,
    queue_page,
    queues,
    queues_and_counters,
)
from tickets.queries.search import Found, SearchFilter, SearchPage, search
from tickets.queries.sender_rules import sender_rules
from tickets.queries.tags import TagView, tags
from tickets.queries.ticket import SHOWN_EVENTS, DraftView, TicketPage, TimelineItem, ticket_page
from tickets.queries.walks import QueueFilter

__all__ = [
    "SHOWN_EVENTS",
    "DraftView",
    "FileView",
    "Found",
    "MailEnd",
    "MessageHtml",
    "Person",
    "QueueFilter",
    "QueueInfo",
    "QueuePage",
    "QueueRow",
    "SearchFilter",
    "SearchPage",
    "TagView",
    "TicketPage",
    "TimelineItem",
    "attachment",
    "ends_of_mail",
    "every_queue",
    "message_html",
    "people",
    "queue_page",
    "queues",
    "queues_and_counters",
    "search",
    "sender_rules",
    "tags",
    "ticket_page",
]
