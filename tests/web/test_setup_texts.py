"""Automatic texts as an administrator changes them."""

import pytest
from django.test import Client

from tests.web.conftest import person, shows, signed_in
from tickets.models import AutomaticText

PAGE = "/setup/texts/auto_reply/en/"


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def test_all_texts_are_listed_in_both_languages(admin):
    page = admin.get("/setup/texts/")
    shows(page, "Reply with the number", "Several numbers in one letter", 'href="/setup/texts/ask/ru/"')


def test_a_text_is_changed_and_brought_back(admin):
    shows(admin.get(PAGE), "We have received your request", "Never changed")
    shows(admin.post(PAGE, {"text": "Yours is {number}."}, follow=True), "Saved.", "Yours is {number}.", "</b> Admin")
    shows(admin.get("/setup/texts/"), "changed")
    shows(admin.post(f"{PAGE}default", follow=True), "The default is in force again", "We have received your request")
    assert not AutomaticText.objects.exists()


def test_an_unknown_placeholder_is_refused_by_name_and_the_text_is_kept(admin):
    page = admin.post(PAGE, {"text": "Yours is {number}, {login} <script>"})
    assert page.status_code == 422
    shows(page, "There is no placeholder {login}.", "Yours is {number}, {login} &lt;script&gt;")
    shows(admin.post(PAGE, {"text": "{number} {subject}"}), "{subject} is not for this text.")
    assert not AutomaticText.objects.exists()


def test_the_letter_is_shown_before_it_is_saved(admin):
    page = admin.post(f"{PAGE}preview", {"text": "Yours <b>is</b> {number}, by {zone}.\n\n{ask}"})
    shows(page, "Yours &lt;b&gt;is&lt;/b&gt; HD-482-913-706, by MSK.", "To help us find your account")
    shows(page, "&amp;lt;b&amp;gt;is", "srcdoc=")
    assert not AutomaticText.objects.exists()


def test_what_we_ask_for_is_shown_inside_the_letter(admin):
    shows(admin.post("/setup/texts/ask/en/preview", {"text": "Who are you?"}), "HD-482-913-706", "Who are you?")


def test_a_text_that_is_none_does_not_exist(admin):
    for address in ("/setup/texts/other/en/", "/setup/texts/auto_reply/de/"):
        assert admin.get(address).status_code == 404
        assert admin.post(f"{address}default").status_code == 404
