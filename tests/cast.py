"""The people of the tests, as docs and demo know them. Smallest valid rows; what a test is about it writes itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.trust import Fact, FactKind
from customers.models import Account, Contact, ContactPoint, Contract, Service
from staff.actor import Actor
from staff.models import StaffProfile, Team
from staff.roles import Role
from tickets.contracts import Address, InboundMessage, Origin
from tickets.services.setup import ensure_queue
from users.models import User

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA = "anna@hosting-client.example"
BORIS = "boris@other-client.example"
MALLORY = "mallory@elsewhere.example"
SUPPORT = "support@example.com"
ADMIN = Actor(key="staff:1", name="Admin", staff_id=1, role=Role.ADMIN)  # who sets up, where no page is asked


def desk() -> None:
    """Two teams with a queue each."""
    for slug, tier in (("first-line", 1), ("specialists", 2)):
        Team.objects.get_or_create(slug=slug, defaults={"name_ru": slug, "name_en": slug, "tier": tier})
    ensure_queue("hosting", name_ru="Хостинг", name_en="Hosting", team_slug="first-line")
    ensure_queue("domains", name_ru="Домены", name_en="Domains", team_slug="specialists")


def person(login: str, role: str, *teams: str) -> StaffProfile:
    user = User.objects.create_user(f"{login}@staff.example", "demo-helpdesk", login=login)
    profile = StaffProfile.objects.create(user=user, name=login.title(), role=role)
    profile.teams.set(Team.objects.filter(slug__in=teams))
    return profile


def actor(login: str, role: str, *teams: str) -> Actor:
    return person(login, role, *teams).actor()


def anna() -> Account:
    account = Account.objects.create(kind="organisation", name="ООО «Ромашка»", login="annahost", language="ru")
    Contract.objects.create(account=account, number="H-100001")
    contact = Contact.objects.create(given_name="Анна", surname="Петрова", language="ru")
    ContactPoint.objects.create(
        account=account, contact=contact, kind="email", value=ANNA, on_file_since=NOW - timedelta(days=60)
    )
    Service.objects.create(account=account, kind="domain", name="annashop.example", domain="annashop.example")
    return account


def vouched(email: str) -> tuple[Fact, ...]:
    domain = email.rpartition("@")[2]
    return (
        Fact(FactKind.FROM_HEADER, "single", email),
        Fact(FactKind.DMARC, "pass", domain, detail={"policy": "reject", "aligned": ["dkim"], "author": email}),
    )


def claimed(email: str) -> tuple[Fact, ...]:
    return (Fact(FactKind.FROM_HEADER, "single", email), Fact(FactKind.DMARC, "none", email.rpartition("@")[2]))


def letter(
    sender: str = ANNA, subject: str = "Сайт отдаёт 502", text: str = "Помогите, пожалуйста", **more: Any
) -> InboundMessage:
    defaults: dict[str, Any] = {
        "sender": Address(sender, "Имя"),
        "received_at": NOW,
        "subject": subject,
        "text": text,
        "language": "ru",
        "facts": claimed(sender),
        "message_id": f"{abs(hash((sender, subject, text)))}@client.example",
    }
    return InboundMessage(**(defaults | more))


def origin(raw_id: str = "", **more: Any) -> Origin:
    return Origin(channel="support-mail", door="email", queue="hosting", our_address=SUPPORT, raw_id=raw_id, **more)
