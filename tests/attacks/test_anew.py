"""Mallory has lost "his" telephone and asks to begin anew in Anna's account: by mail, by phone, from a new address.

In each story he gets nothing, and Anna hears of it.
"""

from datetime import timedelta

import pytest
from django.test import Client

from assurance.models import Confirmation, CriticalAction
from customers.models import ContactPoint
from customers.services.confidential import change_administrative_email
from customers.services.signing_in import link_to_begin
from tests.cast import ANNA, MALLORY, NOW, claimed, letter, origin
from tests.tickets.test_anew import DAYS, NEW, a_recovery, link_to, recovered, refused, the_account
from tests.tickets.trust import ADMINISTRATIVE, an_agent, letters_with
from tickets.access import NotVisible
from tickets.models import Ticket
from tickets.services import proofs
from tickets.services.critical import acting, anew, proving
from tickets.services.intake import receive
from users.models import Passkey, RecoveryCode, SignedIn, User

pytestmark = pytest.mark.django_db


def mallorys_ticket() -> Ticket:
    one = the_account()
    asks = {"subject": "Потеряла телефон", "text": "Снимите второй фактор, логин anna"}
    heard = letter(MALLORY, facts=claimed(MALLORY), **asks)
    ticket = Ticket.objects.get(pk=receive(heard, origin=origin("m"), now=NOW).ticket_id)
    Ticket.objects.filter(pk=ticket.pk).update(account=one)
    ticket.refresh_from_db()
    return ticket


def annas_factors_stand() -> None:
    user = User.objects.get(login="anna")
    assert Passkey.objects.filter(user=user).exists()
    assert RecoveryCode.objects.filter(user=user).exists()
    assert SignedIn.objects.filter(user=user).exists()
    assert user.has_usable_password()
    assert not letters_with("/panel/beginning/")


def anna_heard(action: CriticalAction) -> str:
    """The token by which she stops it."""
    (text, *_) = letters_with(action.words, email=ANNA)
    assert letters_with(action.words, email=ADMINISTRATIVE)
    return text.split("/confirm/")[1].split("/")[0]


def test_by_mail_no_step_goes_on_without_a_checked_document() -> None:
    ticket = mallorys_ticket()
    agent, other = an_agent(), an_agent("other")
    action = a_recovery(agent, ticket, new_email=MALLORY)
    assert MALLORY in letters_with(action.words, email=ANNA)[0], "she reads who asks"
    with refused("mail_never_suffices"):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    for late in (timedelta(), DAYS, DAYS * 2):
        with refused("action_not_authorised"):
            acting.execute(action.public_id, by=other, now=NOW + late)
    with refused("action_not_authorised"):
        acting.second(action.public_id, by=other, now=NOW)
    yes = letter(MALLORY, subject=f"Re: [HD-{ticket.number}]", text="Да, это я", facts=claimed(MALLORY))
    receive(yes, origin=origin("yes"), now=NOW)
    action.refresh_from_db()
    assert action.state == "requested"
    annas_factors_stand()
    proving.refuse_by_mail(anna_heard(action), now=NOW)
    with refused("action_not_open"):
        proving.accept_document(action.public_id, by=agent, now=NOW)


def test_a_forged_document_is_stopped_by_the_owner_within_three_days() -> None:
    ticket = mallorys_ticket()
    agent, other = an_agent(), an_agent("other")
    action = a_recovery(agent, ticket, document="letterhead_checked", new_email=MALLORY)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    with refused("action_held"):
        acting.execute(action.public_id, by=other, now=NOW + DAYS - timedelta(seconds=1))
    proving.refuse_by_mail(anna_heard(action), now=NOW + DAYS - timedelta(seconds=1))
    with refused("action_not_authorised"):
        acting.execute(action.public_id, by=other, now=NOW + DAYS)
    again = a_recovery(agent, ticket, new_email=MALLORY)
    proving.accept_document(again.public_id, by=agent, now=NOW)
    with refused("action_pressure"):
        acting.execute(again.public_id, by=other, now=NOW + DAYS)
    annas_factors_stand()


def test_by_phone_whatever_was_read_and_answered_is_no_proof_and_the_number_on_file_rings() -> None:
    ticket = mallorys_ticket()
    account_id = ticket.account_id
    number = {"account_id": account_id, "kind": "phone"}
    annas = ContactPoint.objects.create(**number, value="+74951234567", on_file_since=NOW - DAYS)
    agent, other = an_agent(), an_agent("other")
    proofs.called_back(ticket.number, annas.pk, by=agent, now=NOW)
    action = a_recovery(agent, ticket, new_email=MALLORY)
    with refused("action_not_authorised"):
        acting.execute(action.public_id, by=other, now=NOW + DAYS)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    with refused("action_number_not_called"):
        acting.execute(action.public_id, by=other, now=NOW + DAYS)
    mallorys = ContactPoint.objects.create(**number, value="+79990000000", on_file_since=NOW)
    anew.called(action.public_id, mallorys.pk, "reached", by=agent, now=NOW)
    with refused("action_number_not_called"):
        acting.execute(action.public_id, by=other, now=NOW + DAYS)
    anew.called(action.public_id, annas.pk, "not_him", by=agent, now=NOW)
    with refused("action_not_authorised"):
        acting.execute(action.public_id, by=other, now=NOW + DAYS)
    annas_factors_stand()
    anna_heard(action)


def test_from_an_address_changed_yesterday_the_one_before_hears_and_stops_it() -> None:
    ticket = mallorys_ticket()
    agent = an_agent()
    assert ticket.account_id
    change_administrative_email(ticket.account_id, MALLORY, now=NOW - timedelta(days=1))
    action = a_recovery(agent, ticket, new_email=MALLORY)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    token = letters_with(action.words, email=ADMINISTRATIVE)[0].split("/confirm/")[1].split("/")[0]
    proving.refuse_by_mail(token, now=NOW)
    action.refresh_from_db()
    assert action.state == "refused"
    annas_factors_stand()


def test_links_that_warn_confirm_nothing_however_they_are_used() -> None:
    ticket = mallorys_ticket()
    agent = an_agent()
    action = a_recovery(agent, ticket, new_email=MALLORY)
    Confirmation.objects.update(expires_at="2099-01-01T00:00Z")
    for token in [text.split("/confirm/")[1].split("/")[0] for text in letters_with("/confirm/")]:
        for code in ("", "AAAAAAAA"):
            with refused("action_not_open"):
                proving.confirm(token, code, now=NOW)
        Client().post(f"/confirm/{token}/", {"answer": "confirm", "code": "AAAAAAAA"})
        assert Client().get(f"/confirm/{token}/").status_code == 200
    action.refresh_from_db()
    assert action.state == "requested"


def test_one_agent_alone_ends_nobodys_factor() -> None:
    the_account()
    bad = an_agent("bad")
    action = a_recovery(bad, new_email=MALLORY)
    proving.accept_document(action.public_id, by=bad, now=NOW)
    with refused("action_same_person"):
        acting.execute(action.public_id, by=bad, now=NOW + DAYS)
    with refused("action_not_open"):
        anew.send_link(action.public_id, by=bad, now=NOW + DAYS)
    quality = an_agent("quality", "quality")
    for step in (acting.execute, anew.send_link):
        with pytest.raises(NotVisible):
            step(action.public_id, by=quality, now=NOW + DAYS)
    annas_factors_stand()
    anna_heard(action)


def test_a_link_to_begin_is_of_one_person_one_use_and_only_after_the_decision() -> None:
    the_account()
    anna = User.objects.get(login="anna")
    early = link_to_begin(anna).removeprefix("http://localhost:8000")
    early = early[early.index("/panel/") :]
    assert Client().get(early).status_code == 410, "as long as she has a password of her own"
    colleague = an_agent("colleague")
    staff_user = User.objects.get(staff=colleague.staff_id)
    staff_user.set_unusable_password()
    staff_user.save()
    of_staff = link_to_begin(staff_user)
    assert Client().get(of_staff[of_staff.index("/panel/") :]).status_code == 410
    recovered()
    assert Client().get(early).status_code == 410
    link = link_to(NEW)
    *_, where, token, _slash = link.split("/")
    for wrong in (f"/panel/beginning/{where}/{token[:-1]}x/", f"/panel/beginning/MQ/{token}/", "/panel/beginning/x/y/"):
        assert Client().get(wrong).status_code == 410
    for _ in range(3):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200
    assert not User.objects.get(login="anna").has_usable_password()
