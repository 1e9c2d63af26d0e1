"""Addresses as the desk shows them."""

from django.utils import translation

from web.templatetags.desk import address


def test_an_address_is_shown_as_it_is_and_an_erased_one_in_words() -> None:
    assert address("anna@hosting-client.example") == "anna@hosting-client.example"
    with translation.override("ru"):
        assert address("erased-17") == "адрес стёрт"
