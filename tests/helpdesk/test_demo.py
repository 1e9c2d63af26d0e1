"""The demo company and its mailbox."""

import pytest
from django.core.management import call_command

from core.clock import now
from core.models import Installation
from ops import mode
from ops.demo import company, mailbox
from ops.demo.letters import LETTERS
from ops.demo.send import CAST, build
from ops.models import DemoMail
from staff.models import StaffProfile
from users.models import User

pytestmark = pytest.mark.django_db


def counted():
    from django.apps import apps

    ticket = apps.get_model("tickets", "Ticket")
    return User.objects.count(), StaffProfile.objects.count(), ticket.objects.count()


def test_writing_the_company_twice_changes_nothing():
    company.ensure_demo(now=now())
    once = counted()
    company.ensure_demo(now=now())
    assert counted() == once
    assert once == (7, 5, len(LETTERS))


def test_the_notice_shows_a_second_factor_for_each_of_the_staff():
    company.ensure_demo(now=now())
    rows = dict(map(tuple, company.notice()["rows"]))
    assert rows["Password of all"] == company.PASSWORD
    assert "TOTP" in rows["Lead"]


@pytest.mark.parametrize(("was_demo", "is_demo"), [(True, False), (False, True)])
def test_a_database_never_changes_between_demo_and_real(settings, was_demo, is_demo):
    Installation.objects.update_or_create(id=1, defaults={"is_demo": was_demo})
    settings.DEMO = is_demo
    with pytest.raises(SystemExit, match="HELPDESK_DEMO"):
        mode.settle()


def a_mail(**changed):
    raw = build(CAST["anna"], **{"subject": "Ваш номер", "text": "Первая строка", **changed})
    mailbox.store(raw, mail_from="", recipients=["anna@hosting-client.example"])
    return DemoMail.objects.get()


def test_a_kept_mail_can_be_read_and_answered(client):
    mail = a_mail(headers={"Reply-To": "support+token@example.com"})
    assert mail.subject in client.get("/demo/mailbox/").content.decode()
    page = client.get(f"/demo/mailbox/{mail.pk}/").content.decode()
    assert "Первая строка" in page
    assert 'value="support+token@example.com"' in page
    assert 'value="Re: Ваш номер"' in page


def test_html_of_a_mail_is_shown_in_a_sandbox(client):
    mail = a_mail(html="<script>alert(1)</script>")
    page = client.get(f"/demo/mailbox/{mail.pk}/html/")
    assert "sandbox" in page["Content-Security-Policy"]
    assert "script-src 'self'" not in page["Content-Security-Policy"]


def test_a_mail_without_html_has_no_html_page(client):
    assert client.get(f"/demo/mailbox/{a_mail().pk}/html/").status_code == 404


def test_a_form_without_an_address_is_given_back(client):
    page = client.post("/demo/mailbox/letters/", {"who": "anna", "to": "nobody", "subject": "s", "text": "t"})
    assert page.status_code == 422


def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
