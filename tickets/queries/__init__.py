"""Reads for pages. Frozen dataclasses of plain values leave this room, never rows."""

from tickets.queries.ask_lists import ask_lists
from tickets.queries.colleagues import MentionView, callable_to
from tickets.queries.composing import (
    ColleagueDraft,
    DraftView,
    RecipientView,
    colleague_draft,
    first_letter_of,
    new_draft,
    new_uploads,
)
from tickets.queries.fields import fields
from tickets.queries.files import FileView, MessageHtml, attachment, message_html
from tickets.queries.mail import MailEnd, ends_of_mail
from tickets.queries.queue import Person, QueuePage, QueueRow, capped_counts, people, queue_around, queue_page
from tickets.queries.queues import QueueInfo, QueueSetting, beside_the_list, every_queue, queue_settings, queues
from tickets.queries.search import Found, SearchFilter, SearchPage, search
from tickets.queries.sender_rules import sender_rules
from tickets.queries.sorting import SortingPage, merging_rows, sorting_page
from tickets.queries.tags import TagView, tags
from tickets.queries.ticket import TicketPage, ticket_page
from tickets.queries.timeline import SHOWN_EVENTS, TimelineItem
from tickets.queries.views import ViewInfo, removed_view, saved_views
from tickets.queries.walks import LOOKED_AT, QueueFilter

__all__ = [
    "LOOKED_AT",
    "SHOWN_EVENTS",
    "ColleagueDraft",
    "DraftView",
    "FileView",
    "Found",
    "MailEnd",
    "MentionView",
    "MessageHtml",
    "Person",
    "QueueFilter",
    "QueueInfo",
    "QueuePage",
    "QueueRow",
    "QueueSetting",
    "RecipientView",
    "SearchFilter",
    "SearchPage",
    "SortingPage",
    "TagView",
    "TicketPage",
    "TimelineItem",
    "ViewInfo",
    "ask_lists",
    "attachment",
    "beside_the_list",
    "callable_to",
    "capped_counts",
    "colleague_draft",
    "ends_of_mail",
    "every_queue",
    "fields",
    "first_letter_of",
    "merging_rows",
    "message_html",
    "new_draft",
    "new_uploads",
    "people",
    "queue_around",
    "queue_page",
    "queue_settings",
    "queues",
    "removed_view",
    "saved_views",
    "search",
    "sender_rules",
    "sorting_page",
    "tags",
    "ticket_page",
]
