"""Rules of proof at the lines that decide them, where nothing else would notice that one is gone."""

from datetime import timedelta

import pytest

from assurance.access import card
from assurance.policies.levels import typed_level
from assurance.services import codes
from core.trust import Fact, FactKind, Level
from customers.models import Account, ContactPoint, ContactRole
from staff.roles import Role
from tests.cast import NOW
from tests.tickets.trust import account, an_agent, the_owner, the_ticket
from tickets.services import proofs
from tickets.services.refused import Refused
from web.panel.session import facts
from web.shared.proof import Asks, Proof

pytestmark = pytest.mark.django_db


def test_the_code_an_agent_reads_out_himself_is_no_code_a_customer_read_to_him() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    own = proofs.our_code(ticket.number, by=agent, now=NOW)
    assert not proofs.enter_code(ticket.number, own, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.level < Level.RECOGNISED


def test_nor_is_a_customers_code_one_of_ours() -> None:
    one = account()
    read_out = codes.make_for_customer(one.pk, contact_id=one.points.get().contact_id, now=NOW)
    assert codes.check_desks(one.pk, read_out, now=NOW) is None


def test_ours_is_good_for_an_hour() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    own = proofs.our_code(ticket.number, by=agent, now=NOW)
    assert codes.check_desks(one.pk, own, now=NOW + timedelta(minutes=59)) is not None
    assert codes.check_desks(one.pk, own, now=NOW + timedelta(hours=1)) is None


def test_a_number_of_another_account_is_not_called_back() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    mallorys = Account.objects.create(kind="person", name="Mallory")
    since = NOW - timedelta(days=60)
    phone = ContactPoint.objects.create(account=mallorys, kind="phone", value="+74951234567", on_file_since=since)
    with pytest.raises(Refused, match="no_such_phone"):
        proofs.called_back(ticket.number, phone.pk, by=agent, now=NOW)


@pytest.mark.parametrize("role", Role)
def test_a_card_is_shown_to_those_who_see_tickets_alone(role: Role) -> None:
    one = account()
    shown = card(an_agent("somebody", role.value), one.pk, level=Level.AUTHORISED)
    assert (shown is None) is (role is Role.ADMIN)


@pytest.mark.parametrize(
    ("how", "counts_from", "accepted"),
    [
        ("app", NOW, set(Asks)),
        ("passkey", NOW + timedelta(seconds=1), {Asks.FACTOR, Asks.OWN}),
        ("recovery", None, {Asks.OWN}),
        ("password", None, {Asks.OWN}),
        ("mail", None, {Asks.OWN}),
    ],
)
def test_what_each_proof_is_accepted_for(how, counts_from, accepted) -> None:
    proof = Proof("act", how, NOW, counts_from)
    assert {asks for asks in Asks if proof.suffices(asks)} == accepted


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([(FactKind.PANEL_SESSION, "may_authorise")], (Level.AUTHORISED, "panel_session")),
        ([(FactKind.PANEL_SESSION, "may_ask")], (Level.RECOGNISED, "panel_session")),
        ([(FactKind.API_CLAIM, "may_authorise")], (Level.AUTHORISED, "api_claim")),
        ([(FactKind.API_CLAIM, "may_ask")], (Level.RECOGNISED, "api_claim")),
        ([(FactKind.ADDRESS_CODE, "entered")], (Level.VOUCHED, "address_code")),
        ([(FactKind.ADDRESS_CODE, "wrong"), (FactKind.PANEL_SESSION, "nobody")], (Level.CLAIMED, "form")),
        ([], (Level.CLAIMED, "form")),
    ],
)
def test_what_typed_words_prove_by_each_door(verdicts, expected) -> None:
    decision, kind = typed_level(Fact(fact, verdict, "x") for fact, verdict in verdicts)
    assert (decision.level, kind) == expected


def test_who_decides_about_one_account_asks_in_another_as_his_role_there_lets_him() -> None:
    one, contact = account(), the_owner().contact_id
    other = Account.objects.create(kind="person", name="Other")
    ContactRole.objects.create(account=other, contact_id=contact, role="technical")
    said = {place: facts(the_owner(), place)[0].verdict for place in (one.pk, other.pk, None)}
    assert said == {one.pk: "may_authorise", other.pk: "may_ask", None: "may_ask"}
