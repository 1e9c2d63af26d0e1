"""THE table of the pages below /setup/, in the order of the navigation. A page adds a line."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.roles import Perm


@dataclass(frozen=True, slots=True)
class SetupPage:
    name: str  # of its address in web.setup.urls
    title: str | Promise
    icon: str
    about: str | Promise
    perm: Perm = Perm.SET_UP  # who finds it in the navigation; the view itself asks, too


PAGES: tuple[SetupPage, ...] = (
    SetupPage("index", _("Overview"), "settings", _("What is set up, and what is still to do")),
    SetupPage("look", _("Look"), "image", _("Name, logo and colour, as customers and colleagues see them")),
    SetupPage("people", _("People"), "users", _("Who works here, in which role and teams; invitations and access")),
    SetupPage("teams", _("Teams and queues"), "rows-3", _("Who serves which queue, and in which tier")),
    SetupPage("tags", _("Tags"), "flag", _("The desk's own words on tickets, and their colours")),
    SetupPage("fields", _("Fields"), "square-pen", _("What the desk writes down on tickets, and what it must know")),
    SetupPage("ask_lists", _("Lists to ask for"), "circle-check", _("What agents often ask of customers, by list")),
    SetupPage("actions", _("Critical actions"), "lock", _("What needs a proof, and how strong a one")),
    SetupPage("import", _("Import"), "building-2", _("Accounts, contacts, contracts and services from a CSV file")),
    SetupPage("export", _("Export"), "download", _("Customers as a file, journalled")),
    SetupPage("privacy", _("Privacy"), "user-x", _("Erase what somebody asked and wrote, with an act of destruction")),
    SetupPage("mailboxes", _("Mailboxes"), "mail", _("Addresses mail is taken at, their queues and doors")),
    SetupPage("relay", _("Outgoing mail"), "send", _("The server that takes what leaves")),
    SetupPage(
        "mail",
        _("Mail health"),
        "refresh-cw",
        _("Doors, what waits, what did not leave, and DNS records"),
        Perm.SEE_MAIL_HEALTH,
    ),
    SetupPage("api", _("API"), "key-round", _("Programs of yours that open tickets and put customers on file")),
    SetupPage("texts", _("Automatic texts"), "file-text", _("What the desk writes by itself, in both languages")),
)
