from tickets.models.ask_list import AskList
from tickets.models.bulk import BulkChange
from tickets.models.call import Call
from tickets.models.checklist import ChecklistItem
from tickets.models.clock import Clock, ClockEntry
from tickets.models.counter import Counter, CounterDelta
from tickets.models.field import CustomField
from tickets.models.merge import Merge, TicketLink
from tickets.models.message import (
    Attachment,
    AutoReply,
    Draft,
    Message,
    Note,
    OutboundCopy,
    Upload,
)
from tickets.models.promise import Promise
from tickets.models.queue import Queue, Signature
from tickets.models.saved_view import SavedView
from tickets.models.search import SearchEntry, SearchWord, ToIndex
from tickets.models.secret import MessageSecret
from tickets.models.sender_rule import SenderRule
from tickets.models.side import SideConversation, SideLetter
from tickets.models.spam_digest import SpamDigest
from tickets.models.tag import Tag, TicketTag
from tickets.models.text import AutomaticText
from tickets.models.ticket import IdentityClaim, IdentityMatch, IssuedNumber, Participant, Ticket

__all__ = [
    "AskList",
    "Attachment",
    "AutoReply",
    "AutomaticText",
    "BulkChange",
    "Call",
    "ChecklistItem",
    "Clock",
    "ClockEntry",
    "Counter",
    "CounterDelta",
    "CustomField",
    "Draft",
    "IdentityClaim",
    "IdentityMatch",
    "IssuedNumber",
    "Merge",
    "Message",
    "MessageSecret",
    "Note",
    "OutboundCopy",
    "Participant",
    "Promise",
    "Queue",
    "SavedView",
    "SearchEntry",
    "SearchWord",
    "SenderRule",
    "SideConversation",
    "SideLetter",
    "Signature",
    "SpamDigest",
    "Tag",
    "Ticket",
    "TicketLink",
    "TicketTag",
    "ToIndex",
    "Upload",
]
