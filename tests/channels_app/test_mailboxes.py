"""Setting mailboxes up: what is refused, what is kept sealed, what the journal says."""

import logging
from dataclasses import replace

import pytest
from django.db import connection

from channels_app import intake, mailboxes
from channels_app.imap_settings import ImapSettings
from channels_app.mailboxes import TypedMailbox
from channels_app.models import Channel, ImapCursor
from channels_app.policies.servers import TypedServer
from core.sealed import Secret, Unreadable, seal, seal_anew, unseal
from events.models import Event, EventPayload
from tests.cast import ADMIN
from tests.channels_app.letters import NOON, letter

pytestmark = pytest.mark.django_db

PASSWORD = "hunter2-квадрат"
TYPED = TypedMailbox(
    address="Help@Почта.РФ",
    name="Почта",
    queue="support",
    door="imap",
    server=TypedServer("imap.example.com", "", "tls", "help", PASSWORD),
)


def add(**change) -> mailboxes.Saved:
    return mailboxes.add(replace(TYPED, **change), queues={"support"}, by=ADMIN, now=NOON)


def change(slug: str, **change) -> mailboxes.Saved:
    typed = replace(TYPED, server=replace(TYPED.server, password=""))
    return mailboxes.change(slug, replace(typed, **change), queues={"support"}, by=ADMIN, now=NOON)


def test_a_mailbox_is_kept_under_its_normal_address_and_its_password_sealed() -> None:
    slug = add().slug
    channel = Channel.objects.get(slug=slug)
    assert (channel.address, channel.door) == ("help@xn--80a1acny.xn--p1ai", "imap")
    kept = ImapSettings.of(channel.config)
    assert (kept.host, kept.port, kept.password.reveal()) == ("imap.example.com", 993, PASSWORD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT config::text FROM channels_app_channel WHERE slug = %s", [slug])
        assert "hunter2" not in cursor.fetchone()[0]
    assert intake.channel_for("help@почта.рф") == channel


def test_the_journal_says_who_changed_what_and_no_secret() -> None:
    slug = add().slug
    change(slug, name="Other", server=replace(TYPED.server, host="mx.example.com", password="another-secret"))
    mailboxes.set_active(slug, False, by=ADMIN, now=NOON)
    assert not mailboxes.set_active(slug, False, by=ADMIN, now=NOON)
    told = EventPayload.objects.filter(event__type="MailboxChanged").order_by("event")
    assert [(each.data["what"], each.data["fields"]) for each in told] == [
        ("added", []), ("changed", ["imap", "name"]), ("paused", []),
    ]  # fmt: skip
    assert set(Event.objects.values_list("actor", flat=True)) == {ADMIN.key}
    assert "secret" not in repr([each.data for each in told])


@pytest.mark.parametrize(
    ("wrong", "problems"),
    [
        pytest.param({"address": ""}, {"address": "required"}, id="no address"),
        pytest.param({"address": "help desk@example.com"}, {"address": "bad_address"}, id="a space in the address"),
        pytest.param({"address": "help+x@example.com"}, {"address": "bad_address"}, id="a plus in the address"),
        pytest.param({"name": " "}, {"name": "required"}, id="no name"),
        pytest.param({"name": "x" * 121}, {"name": "too_long"}, id="an endless name"),
        pytest.param({"queue": "other"}, {"queue": "bad_choice"}, id="a queue that is none"),
        pytest.param({"door": "fax"}, {"door": "bad_choice"}, id="a door that is none"),
        pytest.param({"folder": "x" * 256}, {"folder": "too_long"}, id="an endless folder"),
        pytest.param({"folder": "IN", "processed": "IN"}, {"processed": "same_folder"}, id="put away where it was"),
    ],
)
def test_what_is_wrong_is_refused_by_field_and_nothing_is_kept(wrong, problems) -> None:
    assert add(**wrong).problems == problems
    assert not Channel.objects.exists()


def test_an_address_has_one_mailbox() -> None:
    slug = add().slug
    assert add(address="HELP@xn--80a1acny.xn--p1ai").problems == {"address": "address_taken"}
    other = add(address="other@example.com").slug
    assert change(other).problems == {"address": "address_taken"}
    assert Channel.objects.get(slug=other).address == "other@example.com"
    assert slug != other


def test_an_address_that_has_had_mail_is_not_renamed() -> None:
    slug = add().slug
    intake.accept(letter(), channel=Channel.objects.get(slug=slug), door="smtp", now=NOON)
    assert change(slug, address="other@example.com").problems == {"address": "address_has_mail"}
    assert change(slug, name="Other").problems == {}


def test_an_empty_password_keeps_the_stored_one() -> None:
    slug = add().slug
    assert change(slug, name="Other", folder="Support").problems == {}
    kept = ImapSettings.of(Channel.objects.get(slug=slug).config)
    assert (kept.folder, kept.password.reveal()) == ("Support", PASSWORD)


def test_another_server_asks_for_the_password_and_is_read_from_its_first_mail() -> None:
    slug = add().slug
    ImapCursor.objects.create(channel=Channel.objects.get(slug=slug), folder="INBOX", uidvalidity=1, last_uid=9)
    other = replace(TYPED.server, host="mx.example.com", password="")
    assert change(slug, server=other).problems == {"password": "password_for_another_server"}
    assert change(slug, server=replace(other, password="p")).problems == {}
    assert not ImapCursor.objects.exists()


def test_another_door_forgets_the_password() -> None:
    slug = add().slug
    assert change(slug, door="pipe").problems == {}
    assert Channel.objects.get(slug=slug).config == {}


def test_a_secret_prints_as_dots(caplog) -> None:
    secret = Secret(PASSWORD)
    with caplog.at_level(logging.INFO):
        logging.getLogger("helpdesk").info("%s %r", secret, [secret])
    assert PASSWORD not in f"{secret} {secret!r} {ImapSettings('h', 1, 'tls', 'u', secret)} {caplog.text}"


def test_what_another_key_sealed_is_readable_while_that_key_is_a_fallback(settings) -> None:
    sealed, old = seal(Secret(PASSWORD)), settings.SECRET_KEY
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(Unreadable):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed).reveal() == PASSWORD
    fresh = seal_anew(sealed)
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(fresh).reveal() == PASSWORD


def test_passwords_are_sealed_anew_after_the_key_was_changed(settings) -> None:
    slug, old = add().slug, settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [old]
    mailboxes.seal_passwords_anew()
    settings.SECRET_KEY_FALLBACKS = []
    assert ImapSettings.of(Channel.objects.get(slug=slug).config).password.reveal() == PASSWORD
