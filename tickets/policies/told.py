"""What customers are told of the journal: for each event the words, or why it stays with us. One table. Pure.

An event that is not in it is hidden; a test asks for every one that the journal can hold. Words are English here and
translated where they are shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tickets.numbers import pretty


def _(words: str) -> str:
    """Marks words for the catalogue."""
    return words


ANY = "*"  # other value


@dataclass(frozen=True, slots=True)
class Told:
    words: str | Mapping[str, str]  # for each value of the field `by`; one that is not among them is hidden
    by: str = ""
    to_deciders: bool = False  # only to who may authorise in the account of the ticket


@dataclass(frozen=True, slots=True)
class Hidden:
    why: str


OWN = Hidden("how the desk sorts its own work")
SET_UP = Hidden("how the desk is set up")
COLLEAGUES = Hidden("about people of the desk")
ELSEWHERE = Hidden("told at the place it is about")
WARNING = Hidden("would warn whoever pushes or guesses")
THIRD_PARTIES = Hidden("letters between the desk and third parties")

OF_TICKET: dict[str, Told | Hidden] = {
    "TicketOpened": Told(_("We have the request")),
    "RequestFiled": Hidden("the same as its opening"),
    "MessageReceived": Told(_("A message came in")),
    "MessageHeld": Told(_("A message of somebody else came in and waits until we have looked at it")),
    "AutomaticMailRecorded": Hidden("a machine's report"),
    "OtherSenderAccepted": Told(_("The message of somebody else was let in; its sender takes part from now on")),
    "OtherSenderRefused": Told(_("The message of somebody else was not let in")),
    "ReplyQueued": Told({"True": _("An automatic letter was sent"), ANY: _("We answered")}, by="is_automatic"),
    "ReplyWritten": Hidden("told when it leaves"),
    "ReplyWithdrawn": Hidden("it never left"),
    "ReplyDelivered": Told(
        {"failed": _("A letter could not be delivered"), "bounced": _("A letter could not be delivered")}, by="status"
    ),
    "RecipientAdded": Told(_("Somebody takes part from now on")),
    "RecipientDropped": Told(_("Somebody takes part no longer")),
    "RecipientRightChanged": Told(_("What somebody who takes part may do was changed")),
    "SideLetterWithdrawn": THIRD_PARTIES,
    "SideLetterQueued": THIRD_PARTIES,
    "SideLetterReceived": THIRD_PARTIES,
    "SideLetterDelivered": THIRD_PARTIES,
    "SideLetterJudged": THIRD_PARTIES,
    "NoteAdded": Hidden("notes are for colleagues"),
    "StatusChanged": Told(
        {
            "new": _("accepted"),
            "open": _("we work on it"),
            "waiting_customer": _("we wait for your answer"),
            "waiting_confirmation": _("we wait for a confirmation"),
            "waiting_third_party": _("we wait for a partner"),
            "workaround": _("it works for the time being, the cause is still to be mended"),
            "resolved": _("solved"),
            "closed": _("closed"),
        },
        by="after",
    ),
    "AssigneeChanged": Told(
        {"": _("It waits for the next free colleague"), ANY: _("A colleague takes care of it")}, by="after"
    ),
    "QueueChanged": Told(_("Handed to another team")),
    "TicketClassified": OWN,
    "LanguageChanged": Told(
        {"ru": _("We write in Russian from now on"), "en": _("We write in English from now on")}, by="after"
    ),
    "LevelFell": Told(_("What proved who asks has run out")),
    "AccountChosen": Told(_("It was settled whose account it is about")),
    "TicketTagged": OWN,
    "TicketUntagged": OWN,
    "SpamFiled": Hidden("what is spam is told to nobody"),
    "TicketMarkedSpam": Hidden("what is spam is told to nobody"),
    "TicketUnmarkedSpam": Hidden("what is spam is told to nobody"),
    "TicketMerged": Hidden("told at the request into which it went"),
    "TicketsJoined": Told(_("Request %(number)s was joined to this one")),
    "TicketUnmerged": Told(_("It is a request of its own again")),
    "TicketsParted": Told(_("Request %(number)s is on its own again")),
    "TicketsLinked": Hidden("the other may be somebody else's"),
    "TicketsUnlinked": Hidden("the other may be somebody else's"),
    "MessageMoved": Told(_("A message was moved to another request")),
    "MessageCame": Told(_("A message was moved here from another request")),
    "SecretShown": Told(_("A colleague looked at a secret that was written here")),
    "SecretFileOpened": Told(_("A colleague opened a file with a secret that was sent here")),
    "SecretsWiped": Told(_("The secrets that were written here were wiped")),
    "WordsErased": Told(_("What was written here was erased")),
    "WordsRedacted": Hidden("it is about another person"),
    "TicketKept": Hidden("leads prepare a dispute"),
    "TicketLetGo": Hidden("leads prepare a dispute"),
    "EvidencePacked": Hidden("leads prepare a dispute"),
    "ActionRequested": Told(_("An important action was asked for"), to_deciders=True),
    "ActionConfirmationAsked": Told(_("The administrative address was asked to confirm it"), to_deciders=True),
    "ActionAuthorised": Told(_("The important action was confirmed"), to_deciders=True),
    "ActionSeconded": Told(_("A second colleague checked the important action"), to_deciders=True),
    "ActionAnnounced": Told(_("Everybody on file was written to about the important action"), to_deciders=True),
    "ActionNumberCalled": Told(_("We called a number on file about the important action"), to_deciders=True),
    "ActionExecuted": Told(_("The important action was carried out"), to_deciders=True),
    "ActionRefused": Told(_("The important action was refused"), to_deciders=True),
    "ActionEnded": Told(
        {
            "expired": _("The important action was not confirmed in time"),
            "cancelled": _("The important action was taken back"),
        },
        by="how",
        to_deciders=True,
    ),
    "PromiseMade": Told(_("We made a promise")),
    "PromiseKept": Told(_("We kept a promise")),
    "PromiseWithdrawn": Told(_("We took a promise back")),
    "PromiseWaived": Told(_("A promise of ours is no longer needed: the request was closed by the customer")),
    "ChecklistAsked": Told(_("We asked for data")),
    "ChecklistAnswered": Told(_("Something we asked for was ticked off")),
    "CallAdded": Hidden("told once it has ended"),
    "CallOfTicketClosed": Told(
        {"wrong_number": "", "nuisance": "", "pressure": "", ANY: _("We spoke by phone")}, by="disposition"
    ),
    "PressureRaised": WARNING,
    "GlassBroken": Hidden("a lead looks into each"),
    "ProofEntered": Told(
        {
            "spoken_code": _("The code you read to us was right"),
            "call_back": _("We called back the number on file"),
        },
        by="kind",
    ),
    "ProofFailed": WARNING,
    "FieldFilled": OWN,
    "PayloadErased": Hidden("told as the erasing of words"),
}
OF_CONTACT: dict[str, Told | Hidden] = {
    "ConsentGiven": Told(_("You agreed to the processing of your data")),
    "OwnDataExported": Told(_("You took away what is kept about you")),
    "SignedOn": Told(_("You came in from your provider's control panel")),
    "FactorChanged": Told(
        {
            "app_added": _("You added an app with codes as second factor"),
            "app_removed": _("You removed the app with codes"),
            "passkey_added": _("You added a passkey as second factor"),
            "passkey_removed": _("You removed a passkey"),
            "off": _("Your second factor, recovery codes and password ended, as it was decided for your account"),
        },
        by="what",
    ),
    "PasswordsGuessed": Told(_("Somebody was guessing your password from many places")),
    "ContactErased": Hidden("there is nobody left to tell"),
}
_CHANGED_BY_PROVIDER = _("The provider's records of somebody of the account changed")
OF_ACCOUNT: dict[str, Told | Hidden] = {  # to who decides about it
    "ContactAdded": Told(_("Somebody may ask in the name of the account from now on")),
    "ContactAddressChanged": Told(_("Somebody of the account has another address")),
    "ContactRemoved": Told(_("Somebody was taken from the account")),
    "AdministrativeAddressReplaced": Told(_("The administrative address was replaced in the provider's records")),
    "CustomerPushed": Told({"contact": _CHANGED_BY_PROVIDER}, by="what"),
    "AccountImported": Told({"contacts": _CHANGED_BY_PROVIDER}, by="kind"),
}
OF_OTHERS: dict[str, Told | Hidden] = {
    "AccountLetterQueued": ELSEWHERE,
    **dict.fromkeys(("ImportBegun", "ImportEnded", "CustomersExported"), OWN),
    "PressureLifted": WARNING,
    **dict.fromkeys(
        ("AutomaticTextChanged", "TagSetUp", "QueueSetUp", "FieldSetUp", "AskListSetUp", "SavedViewChanged",
         "ActionKindSetUp", "ApiTokenMade", "ApiTokenRevoked", "SignOnKeyMade", "SignOnKeyRevoked", "LookChanged",
         "TeamSetUp", "MailboxChanged", "RelayChanged", "RetentionSet"),
        SET_UP,
    ),
    **dict.fromkeys(
        ("StaffInvited", "InvitationTaken", "StaffRoleChanged", "StaffTeamsChanged", "StaffBlocked", "StaffUnblocked",
         "SecondFactorReset", "StaffLetterQueued", "SessionsEnded"),
        COLLEAGUES,
    ),
    **dict.fromkeys(("CallRegistered", "CallClosed", "CallNumberSent"), Hidden("told at the request it was about")),
    **dict.fromkeys(("RequestHeld", "VisitAsked"), Hidden("not a customer's yet")),
    "ActWritten": Hidden("the act is handed over by who wrote it"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    id: int
    at: datetime
    words: str  # in English, to be translated
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    about: str = ""  # whom or what, where the place does not say it


_WITH_A_REPLY = ("PromiseMade", "PromiseKept", "ChecklistAsked", "ReplyQueued")


def _waits(row: Mapping[str, Any], *, now: datetime) -> bool:
    """For the moment in which its author may take it back."""
    if row["type"] != "ReplyQueued":
        return False
    return bool(row["at"] + timedelta(seconds=row["data"].get("waits_seconds") or 0) > now)


def types_told(table: Mapping[str, Told | Hidden]) -> list[str]:
    """What to read of a journal for `steps`."""
    return [name for name, entry in table.items() if isinstance(entry, Told)] + ["ReplyWithdrawn"]


def steps(
    rows: Iterable[Mapping[str, Any]], table: Mapping[str, Told | Hidden], *, decides: bool = False, now: datetime
) -> list[Step]:
    """Those of these events that are told, the oldest first. Each row: id, type, at, data.

    A reply is told once; it and what came with it not before it has left.
    """
    found = sorted(rows, key=lambda row: row["id"])
    unsaid = {row["data"]["message_id"] for row in found if row["type"] == "ReplyWithdrawn" or _waits(row, now=now)}
    answers: set[int] = set()
    told: list[Step] = []
    for row in found:
        entry, data = table.get(row["type"]), row["data"] or {}
        if not isinstance(entry, Told) or (entry.to_deciders and not decides):
            continue
        if row["type"] in _WITH_A_REPLY and data.get("message_id") in unsaid:
            continue
        if row["type"] == "ReplyQueued":
            if data["message_id"] in answers:
                continue
            answers.add(data["message_id"])
        if isinstance(entry.words, str):
            words = entry.words
        else:
            words = entry.words.get(str(data.get(entry.by, "")), entry.words.get(ANY, ""))
        if words:
            values = {"number": pretty(data["number"])} if "%(number)s" in words else {}
            told.append(Step(row["id"], row["at"], words, values, row.get("about") or ""))
    return told
