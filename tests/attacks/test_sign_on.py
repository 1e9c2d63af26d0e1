"""Mallory with links of single sign-on: every one that is not quite right is refused alike."""

import base64
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from assurance.models import AccountLetter
from core.clock import now as read_clock
from core.sealed import Secret
from customers.models import Account, Contact, ContactRole
from events import worker
from events.models import Event
from staff.models import StaffProfile
from tests import cast
from tests.api.conftest import _desk  # noqa: F401 - the fixture
from tests.cast import ANNA
from tests.proofs import a_decision, seen
from tests.tickets.trust import letters_with
from users import second_factor, sign_on
from users.models import SignOnKey, UsedSignOn, User

PRIVATE = Ed25519PrivateKey.generate()
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def shared() -> str:
    made = sign_on.make("billing", "HS256", by="staff:1", now=read_clock())
    assert made
    return made.reveal()


def claims(**more: Any) -> dict[str, Any]:
    at = int(read_clock().timestamp())
    base = {
        "iss": "billing", "aud": sign_on.audience(), "sub": "c-anna", "account": "a-1", "iat": at, "exp": at + 300,
        "jti": uuid4().hex, "second_factor": "none",
    }  # fmt: skip
    return {name: value for name, value in (base | more).items() if value is not None}


def link(key: Any, algorithm: str = "HS256", **more: Any) -> str:
    return jwt.encode(claims(**more), key, algorithm=algorithm)


def follow(token: str, client: Client | None = None) -> tuple[int, Client]:
    client = client or Client(headers={"accept-language": "en"})
    return client.post("/panel/sso/", {"token": token}).status_code, client


def is_in(client: Client) -> bool:
    return client.get("/panel/").status_code == 200


def test_a_good_link_opens_the_panel_for_that_contact_once(shared):
    token = link(shared, second_factor="totp")
    looked = Client(headers={"accept-language": "en"})
    page = looked.get("/panel/sso/", {"token": token})
    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")  # with less, browsers send no Origin
    assert "no-store" in page["Cache-Control"]
    assert not is_in(looked)
    status, client = follow(token)
    assert status == 302
    assert is_in(client)
    session = client.session
    assert (session["realm"], session["account"]) == ("panel", str(Account.objects.get().public_id))
    assert User.objects.get(pk=session["_auth_user_id"]).email == ANNA
    contact = Contact.objects.get(external_id="c-anna")
    came = Event.objects.get(stream=f"contact:{contact.pk}", type="SignedOn")
    assert came.payload.data["second_factor"] == "totp"


def test_looking_at_a_link_a_hundred_times_uses_nothing_up(shared):
    token = link(shared)
    for method in ("get", "head"):
        for _ in range(50):
            assert getattr(Client(), method)("/panel/sso/", {"token": token}).status_code == 200
    assert not UsedSignOn.objects.exists()
    assert not Session.objects.exists()
    assert follow(token)[0] == 302


def test_a_link_is_followed_once(shared):
    token = link(shared)
    assert follow(token)[0] == 302
    status, client = follow(token)
    assert status == 400
    assert not is_in(client)


def test_an_own_ed25519_key_works_too():
    sign_on.make("billing", "EdDSA", public_key=PEM, by="staff:1", now=read_clock())
    assert follow(link(PRIVATE, "EdDSA"))[0] == 302


def unsigned(header: dict[str, str], body: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(body).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


AT = int(read_clock().timestamp())
WRONG: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "https://elsewhere.example/panel/sso/"},
    "several audiences": {"aud": [sign_on.audience(), "https://elsewhere.example/"]},
    "no audience": {"aud": None},
    "another issuer": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "an issuer that is no word": {"iss": 17},
    "expired": {"iat": AT - 600, "exp": AT - 301},
    "good for longer than five minutes": {"exp": AT + 10**6},
    "of tomorrow": {"iat": AT + 86400, "exp": AT + 86700},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "2999"},
    "an end that is no end": {"exp": True},
    "no id": {"jti": None},
    "an empty id": {"jti": ""},
    "an id that is no word": {"jti": {"a": 1}},
    "an id too long": {"jti": "x" * 200},
    "nobody": {"sub": "c-nobody"},
    "no contact": {"sub": None},
    "a nul": {"sub": "c-anna\0"},
    "an issuer with a nul": {"iss": "billing\0"},
    "half a character": {"sub": "c-anna\ud800"},
    "an issuer with half a character": {"iss": "billing\ud800"},
    "an account of somebody else": {"account": "a-9"},
    "a second factor we do not know": {"second_factor": "palm"},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG.keys())
def test_what_is_not_quite_right_opens_nothing_and_says_the_same(shared, more):
    if "exp" not in more and more.get("iat") is None:
        more = {**more, "iat": int(read_clock().timestamp())}
    bad = Client(headers={"accept-language": "en"}).post("/panel/sso/", {"token": link_as_is(shared, more)})
    other = Client(headers={"accept-language": "en"}).post("/panel/sso/", {"token": "nonsense"})
    assert (bad.status_code, other.status_code) == (400, 400)
    assert bad.content == other.content
    assert not is_in(bad.client)
    assert not Session.objects.exists()


def link_as_is(key: str, more: dict[str, Any]) -> str:
    """Without PyJWT's own objections against the odd."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(claims(**more)).encode()).rstrip(b"=")
    signed = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head + b"." + body, key.encode())
    return b".".join((head, body, base64.urlsafe_b64encode(signed).rstrip(b"="))).decode()


def test_no_algorithm_and_another_algorithm_open_nothing(shared):
    sign_on.make("own", "EdDSA", public_key=PEM, by="staff:1", now=read_clock())
    forged = [
        unsigned({"alg": "none"}, claims()),
        unsigned({"alg": "None", "typ": "JWT"}, claims()),
        link(shared, "HS512"),
        link(PRIVATE, "EdDSA"),  # signed, but not by the key of this issuer
        # the public key as if it were a shared one
        link_as_is(PEM, {"iss": "own"}),
        link_as_is(PEM.strip(), {"iss": "own"}),
        link("x" * 43),
    ]
    for token in forged:
        assert follow(token)[0] == 400, token


def test_a_changed_letter_opens_nothing(shared):
    head, body, signature = link(shared).split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims(sub="c-boris")).encode()).rstrip(b"=").decode()
    assert follow(f"{head}.{other}.{signature}")[0] == 400
    assert follow(f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}")[0] == 400


def test_a_revoked_key_opens_nothing_more(shared):
    token = link(shared)
    sign_on.revoke(SignOnKey.objects.get().pk, by="staff:1", now=read_clock())
    assert follow(token)[0] == 400


def test_a_link_leads_to_no_desk_and_to_nobody_who_works_here(shared):
    agent = cast.person("agent1", "agent", "first-line")
    contact = Contact.objects.create(given_name="Mole", external_id="c-mole")
    account = Account.objects.get(external_id="a-1")
    ContactRole.objects.create(account=account, contact=contact, role="technical")
    contact.points.create(account=account, kind="email", value=agent.user.email)
    assert follow(link(shared, sub="c-mole"))[0] == 400
    status, client = follow(link(shared))
    assert status == 302
    assert client.get("/desk/").status_code == 302
    assert StaffProfile.objects.count() == 1


def test_a_session_of_the_desk_in_the_same_browser_ends(shared):
    from tests.web.conftest import signed_in

    agent = signed_in(cast.person("agent1", "agent", "first-line").user.email)
    before = agent.session.session_key
    assert follow(link(shared), agent)[0] == 302
    assert agent.session.session_key != before
    assert agent.get("/desk/").status_code == 302


ADDING = "/panel/me/factors/app/"


def mailed_code(place: int = -1) -> str:
    """To Anna, the newest."""
    found = re.search(r"^(\d{4} \d{4})$", letters_with("введите этот код", email=ANNA)[place], re.M)
    assert found
    return found[1]


def begins_an_app(client: Client) -> int:
    key = client.session.get("enrolling_app", "00" * 20)
    return client.post(ADDING, {"code": f"{totp(bytes.fromhex(key)):06d}"}).status_code


def test_a_stolen_session_alone_is_no_way_to_a_second_factor_of_mallorys_own(shared):
    _, client = follow(link(shared, second_factor="passkey"))
    assert client.get(ADDING).url == f"/panel/proof/?next={quote(ADDING, safe='')}"
    proof = seen(client, ADDING)
    for guess in ({"password": ""}, {"code": "000000"}, {"recovery": "AAAA"}, {"mailed": ""}, {"mailed": "00000000"}):
        client.post("/panel/proof/", proof | guess)
        assert begins_an_app(client) == 302
    page = client.post("/panel/proof/", proof)
    assert page.status_code == 200
    for _ in range(12):
        assert client.post("/panel/proof/", proof | {"mailed": "00000000"}).status_code == 400
    right = {"mailed": mailed_code()}
    assert client.post("/panel/proof/", proof | right).status_code == 400, "guesses have an end"
    assert begins_an_app(client) == 302
    assert not TOTPDevice.objects.exists()
    assert letters_with("Если это не вы", email=ANNA), "and Anna hears of it"


def test_with_the_code_mailed_to_the_address_on_file_its_owner_adds_one_and_all_are_told(shared):
    _, client = follow(link(shared))
    for page in ("/panel/me/", "/panel/me/factors/"):
        told = client.get(page).content.decode()
        assert "Её второй фактор здесь не считается" in told
        assert "/panel/me/factors/" in told
    proof = seen(client, ADDING)
    assert ANNA in client.get("/panel/proof/", {"next": ADDING}).content.decode()
    assert "Код из письма" in client.post("/panel/proof/", proof).content.decode()
    assert client.post("/panel/proof/", proof | {"mailed": mailed_code()}).url == ADDING
    client.get(ADDING)
    assert begins_an_app(client) == 302
    device = TOTPDevice.objects.get(user__email=ANNA)
    worker.drain()
    assert letters_with("добавлено приложение с кодами", email=ANNA)
    decision = a_decision()
    assert client.get("/panel/proof/", {"next": decision}).status_code == 409, "it counts in full after 72 hours"
    assert second_factor.counts_from(device) > read_clock() + timedelta(hours=71)


def test_a_mailed_code_is_of_one_session_one_act_one_use_and_a_quarter_of_an_hour(shared):
    _, client = follow(link(shared))
    _, mallory = follow(link(shared))
    proof, other = seen(client, ADDING), seen(client, "/panel/me/factors/passkey/")
    client.post("/panel/proof/", proof)
    mallory.post("/panel/proof/", seen(mallory, ADDING))
    hers, his = mailed_code(0), mailed_code(1)
    assert mallory.post("/panel/proof/", seen(mallory, ADDING) | {"mailed": hers}).status_code == 400
    assert client.post("/panel/proof/", other | {"mailed": hers}).status_code == 400
    assert client.post("/panel/proof/", proof | {"mailed": his}).status_code == 400
    session = client.session
    kept = session["mailed_proof"]
    session["mailed_proof"] = [kept[0], read_clock().timestamp() - 1]
    session.save()
    assert client.post("/panel/proof/", proof | {"mailed": hers}).status_code == 400
    session["mailed_proof"] = kept
    session.save()
    assert client.post("/panel/proof/", proof | {"mailed": hers}).url == ADDING
    assert client.post("/panel/proof/", proof | {"mailed": hers}).status_code == 400


def test_a_mailed_code_decides_nothing_and_goes_to_no_address_that_is_not_on_file(shared):
    _, client = follow(link(shared))
    decision = a_decision()
    assert client.get("/panel/proof/", {"next": decision}).url == "/panel/me/factors/"
    shown = client.get(decision).content.decode()
    assert "которого пока нет" in shown
    assert "Её второй фактор здесь не считается" in shown
    User.objects.filter(email=ANNA).update(email="old@hosting-client.example")
    assert client.post("/panel/proof/", seen(client, ADDING)).status_code == 409
    assert not AccountLetter.objects.filter(email="old@hosting-client.example").exists()


def test_five_codes_a_day_are_mailed(shared):
    _, client = follow(link(shared))
    proof = seen(client, ADDING)
    assert [client.post("/panel/proof/", proof).status_code for _ in range(6)] == [200] * 5 + [409]
    assert len(letters_with("введите этот код", email=ANNA)) == 5


def test_a_link_is_no_way_round_a_factor_that_its_owner_wants_asked(shared):
    follow(link(shared))  # who has never come has no sign-in yet
    user = User.objects.get(email=ANNA)
    device = TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    User.objects.filter(pk=user.pk).update(shows_factor=True)
    _, client = follow(link(shared, second_factor="totp"))
    assert client.get("/panel/").status_code == 302
    assert client.post("/panel/login/code/", {"code": f"{totp(device.bin_key):06d}"}).url == "/panel/"
    assert client.get("/panel/").status_code == 200


def test_a_blocked_customer_stays_outside(shared):
    follow(link(shared))
    User.objects.filter(email=ANNA).update(is_active=False)
    assert follow(link(shared))[0] == 400


def test_the_next_address_is_ours_whatever_the_link_says(shared):
    client = Client()
    answer = client.post("/panel/sso/?next=https://evil.example/", {"token": link(shared), "next": "//evil.example"})
    assert answer["Location"] == "/panel/"


def test_the_key_is_nowhere_to_be_read(shared):
    row = SignOnKey.objects.get()
    assert shared not in row.sealed
    assert str(Secret(shared)) == "•••"


def test_what_has_run_out_is_forgotten_and_still_refused(shared):
    token = link(shared)
    now = read_clock()
    signed = sign_on.read(token, now=now)
    assert signed
    assert sign_on.use(signed, now=now)
    later = now + timedelta(minutes=10)
    other = sign_on.read(link(shared), now=now)
    assert other
    assert sign_on.use(other, now=later)
    assert UsedSignOn.objects.count() == 1
    assert sign_on.read(token, now=later) is None


def test_keys_are_sealed_anew_under_another_secret_key(shared, settings):
    before = SignOnKey.objects.get().sealed
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-" * 10
    sign_on.seal_keys_anew()
    settings.SECRET_KEY_FALLBACKS = []
    assert SignOnKey.objects.get().sealed != before
    assert follow(link(shared))[0] == 302
