"""The door of the desk."""

import re

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.web.conftest import PASSWORD, person, shows, signed_in
from users.models import User


def test_a_stranger_is_sent_to_the_sign_in_page_and_back():
    answer = Client().get("/desk/?view=all")
    assert answer.status_code == 302
    assert answer.url == "/desk/login/?next=/desk/%3Fview%3Dall"


def test_a_wrong_password_is_told_in_words_and_keeps_the_login():
    email = person("agent1", "agent", "first-line")
    answer = Client(headers={"accept-language": "en"}).post("/desk/login/", {"login": email, "password": "wrong"})
    assert answer.status_code == 400
    shows(answer, "Login and password do not match.", f'value="{email}"')


def test_five_wrong_passwords_close_the_door_even_for_the_right_one():
    email = person("agent1", "agent", "first-line")
    client = Client(headers={"accept-language": "en"})
    for _ in range(5):
        client.post("/desk/login/", {"login": email, "password": "wrong"})
    answer = client.post("/desk/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 429
    shows(answer, "Too many wrong passwords", f'value="{email}"')


def test_outside_demo_the_password_alone_opens_nothing(settings):
    settings.DEMO = False
    email = person("agent1", "agent", "first-line")
    answer = Client(headers={"accept-language": "en"}).post("/desk/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 403
    shows(answer, "no second factor yet")


def test_outside_demo_the_right_code_opens_the_desk(settings):
    settings.DEMO = False
    email = person("agent1", "agent", "first-line")
    device = TOTPDevice.objects.create(user=User.objects.get(email=email), name="phone", confirmed=True)
    client = Client()
    assert client.post("/desk/login/", {"login": email, "password": PASSWORD}).url == "/desk/login/code/"
    assert client.get("/desk/").status_code == 302
    answer = client.post("/desk/login/code/", {"code": "000000"})
    assert answer.status_code == 400
    device.refresh_from_db()
    device.throttle_reset()
    assert client.post("/desk/login/code/", {"code": f"{totp(device.bin_key):06d}"}).url == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_session_of_another_realm_does_not_open_the_desk(agent):
    session = agent.session
    session["realm"] = "panel"
    session.save()
    assert agent.get("/desk/").status_code == 302


def test_signing_out_closes_the_session(agent):
    agent.post("/desk/logout/")
    assert agent.get("/desk/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_after_signing_in_nobody_is_sent_elsewhere(target):
    email = person("agent1", "agent", "first-line")
    answer = Client().post("/desk/login/", {"login": email, "password": PASSWORD, "next": target})
    assert answer.url == "/desk/"


def test_the_language_switch_holds_and_is_remembered_with_the_person():
    email = person("agent1", "agent", "first-line")
    client = signed_in(email)
    client.post("/desk/language/", {"language": "ru", "next": "/desk/"})
    shows(client.get("/desk/"), "Мои и новые")
    assert User.objects.get(email=email).language == "ru"


def test_the_chosen_theme_is_rendered_by_the_server(agent):
    agent.post("/theme/", {"theme": "dark", "next": "/desk/"})
    shows(agent.get("/desk/"), 'data-theme="dark"')


@pytest.mark.parametrize("door", ["/desk/login/", "/panel/login/"])
def test_what_was_left_empty_is_told_by_its_field_and_counts_as_no_try(door):
    page = Client(headers={"accept-language": "en"}).post(door, {"login": "agent1", "password": ""})
    assert page.status_code == 400
    shows(page, 'id="password-e"', "Type your password.", 'value="agent1"')
    assert not AccessAttempt.objects.exists()
    shows(Client(headers={"accept-language": "en"}).post(door), "Type your login or e-mail.", "Type your password.")


def test_no_form_leaves_its_complaints_to_the_browser_which_speaks_another_language():
    """Nor has one a field of which the browser sends nothing where it cannot read what was typed."""
    filled = re.compile(r"<(select|textarea)\b|<input\b(?![^>]*type=\"hidden\")")
    unread = re.compile(r"\stype=\"(number|range|date|time|datetime-local|month|week)\"")
    for path in sorted((settings.BASE_DIR / "templates").glob("**/*.html")):
        assert not unread.search(path.read_text()), path.name
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL):
            opening = form.partition("{% csrf_token %}")[0]
            assert not filled.search(form) or " novalidate" in opening, f"{path.name}: {form[:100]}"
