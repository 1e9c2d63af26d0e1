"""The demo company: its staff, two customers and what they wrote lately. Writing it twice changes nothing."""

import base64
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from channels_app.models import Channel
from customers.services import confidential
from customers.services.on_file import AccountOnFile, PersonOnFile, ServiceOnFile, put_on_file
from ops.demo.letters import LETTERS, post
from staff.models import StaffProfile, Team
from staff.roles import Role
from tickets.services.setup import ensure_queue
from users.models import User

PASSWORD = "demo-helpdesk"  # noqa: S105  public, which is why a demo listens on this machine only
ON_FILE_FOR = timedelta(days=60)

TEAMS = (
    ("first-line", "Первая линия", "First line", 1),
    ("second-line", "Вторая линия", "Second line", 2),
    ("quality", "Контроль качества", "Quality control", 1),
)
QUEUES = (
    ("hosting", "Хостинг", "Hosting", "first-line"),
    ("domains", "Домены", "Domains", "first-line"),
    ("servers", "Серверы", "Servers", "second-line"),
    ("quality", "Контроль качества", "Quality control", "quality"),
)
CHANNELS = (
    ("support-mail", "Почта поддержки", "support@example.com", "hosting"),
    ("quality-mail", "Почта контроля качества", "quality@example.com", "quality"),
)
STAFF = (
    ("agent1@staff.example", "Ирина Павлова", Role.AGENT, ("first-line",)),
    ("agent2@staff.example", "Michael Ward", Role.AGENT, ("second-line",)),
    ("lead@staff.example", "Олег Дроздов", Role.LEAD, ("first-line", "second-line")),
    ("quality@staff.example", "Вера Зимина", Role.QUALITY, ("quality",)),
    ("admin@staff.example", "Pavel Orlov", Role.ADMIN, ()),
)


def ensure_demo(*, now: datetime) -> None:
    with transaction.atomic():
        teams = {
            slug: Team.objects.get_or_create(slug=slug, defaults={"name_ru": ru, "name_en": en, "tier": tier})[0]
            for slug, ru, en, tier in TEAMS
        }
        for slug, ru, en, team in QUEUES:
            ensure_queue(slug, name_ru=ru, name_en=en, team_slug=team)
        for slug, name, address, queue in CHANNELS:
            Channel.objects.get_or_create(slug=slug, defaults={"name": name, "address": address, "queue_slug": queue})
        for email, name, role, served in STAFF:
            _ensure_staff(email, name, role, [teams[slug] for slug in served])
        _ensure_customers(now)
    for letter in LETTERS:
        post(letter, now=now)


def notice() -> dict[str, Any]:
    """What `up` prints for people who look around."""
    rows: list[list[str]] = [["Password of all", PASSWORD]]
    for device in TOTPDevice.objects.filter(user__staff__isnull=False).select_related("user__staff").order_by("id"):
        secret = base64.b32encode(device.bin_key).decode()
        rows.append([device.user.staff.role.capitalize(), f"{device.user.email}  TOTP {secret}"])
    for device in TOTPDevice.objects.filter(user__contact__isnull=False).select_related("user").order_by("id"):
        rows.append(["Customer", f"{device.user.email}  TOTP {base64.b32encode(device.bin_key).decode()}"])
    rows.append(["Customers", "anna@hosting-client.example, boris@other-client.example"])
    rows.append(["Write as Anna", '.venv/bin/python -m ops.demo.send anna "Subject" "Text", or in the mailbox'])
    return {"rows": rows}


def _ensure_staff(email: str, name: str, role: Role, teams: list[Team]) -> None:
    user = _user(email, language="ru")
    profile, is_new = StaffProfile.objects.get_or_create(user=user, defaults={"name": name, "role": role})
    if is_new:
        profile.teams.set(teams)
    if not TOTPDevice.objects.filter(user=user).exists():
        TOTPDevice.objects.create(user=user, name="demo", confirmed=True)


def _give_factor(email: str, *, since: datetime) -> None:
    """As if it had been there for long: a new one counts in full only after three days."""
    user = User.objects.get(email=email)
    if not TOTPDevice.objects.filter(user=user).exists():
        TOTPDevice.objects.create(user=user, name="demo", confirmed=True)
        TOTPDevice.objects.filter(user=user).update(created_at=since)


def _user(email: str, *, language: str) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, PASSWORD, language=language)


def _ensure_customers(now: datetime) -> None:
    since, next_year = now - ON_FILE_FOR, (now + timedelta(days=300)).date()
    annas = put_on_file(
        AccountOnFile(
            kind="person",
            name="Анна Смирнова",
            login="annahost",
            contract="H-100001",
            language="ru",
            customer_since=(now - timedelta(days=900)).date(),
            people=[
                PersonOnFile(
                    given_name="Анна",
                    surname="Смирнова",
                    salutation="Анна",
                    language="ru",
                    email="anna@hosting-client.example",
                    role="owner",
                    user_id=_user("anna@hosting-client.example", language="ru").pk,
                )
            ],
            services=[
                ServiceOnFile("hosting", "Хостинг «Бизнес»", "annashop.example", next_year),
                ServiceOnFile("domain", "annashop.example", "annashop.example", next_year),
                ServiceOnFile("certificate", "annashop.example", "annashop.example", next_year),
            ],
        ),
        now=since,
    )
    if annas not in confidential.on_file([annas]):
        confidential.write({annas: confidential.Confidential("", "owner@hosting-client.example", since)})
    _give_factor("anna@hosting-client.example", since=since)
    put_on_file(
        AccountOnFile(
            kind="organisation",
            name="Brown & Sons Ltd",
            login="brownsons",
            contract="H-100002",
            language="en",
            customer_since=(now - timedelta(days=400)).date(),
            people=[
                PersonOnFile(
                    given_name="Boris",
                    surname="Brown",
                    salutation="Boris",
                    language="en",
                    email="boris@other-client.example",
                    role="owner",
                    user_id=_user("boris@other-client.example", language="en").pk,
                )
            ],
            services=[ServiceOnFile("server", "VPS M, Frankfurt", "brownsons.example", next_year)],
        ),
        now=since,
    )
