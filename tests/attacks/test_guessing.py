"""Many machines guess one password. They get no further than one, and its owner gets in."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.core.signing import Signer
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from assurance.models import AccountLetter
from core.clock import now as read_clock
from customers.services import signing_in
from events import worker
from events.models import Event
from staff.models import StaffLetter
from staff.services import people
from tests import cast
from tests.attacks.test_critical import race
from tests.cast import ANNA, BORIS
from tests.panel import conftest as panel
from tests.panel.conftest import PASSWORD
from tests.proofs import seen
from tests.tickets.trust import letters_with
from users import known_browsers
from users.known_browsers import LIVES, OF_A_BROWSER, OF_A_NAME
from users.models import User

_desk, account, other = panel._desk, panel.account, panel.other  # its stage is ours
WRONG = "not-the-password"
NOBODY = "nobody-at-all@host.example"
DESK, PANEL = "/desk/login/", "/panel/login/"
GUESSED = "The password of this name is being guessed"
LOCKED = "Too many wrong passwords"


@pytest.fixture
def smith() -> str:
    return cast.person("smith", "agent", "first-line").user.email


def browser(number: int = 0) -> Client:
    """Somewhere else than every other one."""
    return Client(REMOTE_ADDR=f"198.51.{100 + number // 250}.{1 + number % 250}", headers={"accept-language": "en"})


def tries(client: Client, name: str, password: str = WRONG, door: str = DESK, **more: str) -> HttpResponse:
    return client.post(door, {"login": name, "password": password, **more})


def botnet(name: str, size: int = 100, door: str = DESK) -> list[HttpResponse]:
    return [tries(browser(number), name, f"guess-{number}", door) for number in range(size)]


def at_home(name: str, door: str = DESK) -> Client:
    """A browser in which he has signed in, and out."""
    client = browser(900)
    assert tries(client, name, PASSWORD, door).status_code == 302
    client.post(door.replace("login", "logout"))
    return client


def told_code(email: str) -> str:
    """As the newest letter to him says it."""
    worker.drain()
    staff = StaffLetter.objects.filter(email=email).order_by("-pk").first()
    text = staff.text if staff else letters_with("подбирают пароль", email=email)[-1]
    found = re.search(r"^([A-Z2-9]{4}-){2}[A-Z2-9]{4}$", text, re.MULTILINE)
    assert found
    return found[0]


@pytest.mark.parametrize(("door", "name"), [(DESK, "smith"), (PANEL, ANNA)])
def test_of_a_hundred_machines_those_behind_the_fiftieth_are_not_heard(smith, account, monkeypatch, door, name):
    answers = botnet(name, door=door)
    assert [each.status_code for each in answers] == [400] * OF_A_NAME.most + [429] * (100 - OF_A_NAME.most)
    assert GUESSED in answers[-1].content.decode()
    assert int(answers[-1]["Retry-After"]) <= 3601
    monkeypatch.setattr(User, "check_password", lambda *_: pytest.fail("a password was looked at"))
    answer = tries(browser(500), name, PASSWORD, door)
    assert (answer.status_code, f'action="{door}"' in answer.content.decode()) == (429, True)


def test_both_doors_and_every_writing_count_together(smith):
    for number in range(OF_A_NAME.most):
        tries(browser(number), ("smith", "SMITH", " Smith ")[number % 3], door=(DESK, PANEL)[number % 2])
    assert tries(browser(500), "smith", PASSWORD).status_code == 429
    assert tries(browser(500), "smith", PASSWORD, PANEL).status_code == 429


@pytest.mark.parametrize(("door", "email"), [(DESK, "smith@staff.example"), (PANEL, ANNA)])
def test_the_browser_of_its_owner_gets_in_all_the_while(smith, account, door, email):
    own = at_home(email, door)
    botnet(email, door=door)
    assert tries(own, email, door=door).status_code == 400
    assert tries(own, email, PASSWORD, door).status_code == 302


def test_nor_is_it_shut_by_what_others_type_in_its_own_network(smith):
    own = at_home("smith")
    beside = browser(900)
    assert [tries(beside, "smith").status_code for _ in range(5)] == [400] * 4 + [429]
    assert tries(own, "smith@staff.example", PASSWORD).status_code == 302


def test_a_copied_mark_has_a_small_budget_of_its_own_from_all_networks_together(smith):
    own = at_home("smith")
    answers = []
    for number in range(OF_A_BROWSER.most + 3):
        thief = browser(number)
        thief.cookies["known"] = own.cookies["known"].value
        answers.append(tries(thief, "smith"))
    assert [each.status_code for each in answers] == [400] * OF_A_BROWSER.most + [429] * 3
    assert LOCKED in answers[-1].content.decode()
    assert tries(browser(500), "smith", PASSWORD).status_code == 302, "the others are not concerned"
    assert not AccessAttempt.objects.exists()


def test_right_passwords_use_nothing_up(smith):
    own = at_home("smith")
    for _ in range(2 * OF_A_BROWSER.most):
        assert tries(own, "smith", PASSWORD).status_code == 302
    for number in range(OF_A_NAME.most + 5):
        assert tries(browser(number), "smith", PASSWORD).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_no_more_are_heard(smith):
    botnet("smith", OF_A_NAME.most - 2)
    assert race(lambda: tries(browser(700), "smith").status_code != 429, runners=8) == 2


def test_the_mark_is_a_quiet_cookie_with_an_id_in_it_and_nothing_else(smith):
    cookie = at_home("smith").cookies["known"]
    user = User.objects.get(email=smith)
    assert re.fullmatch(rf"{user.pk}\.[\w-]{{22}}\.\d+:[\w-]+", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == LIVES.total_seconds()


def test_it_opens_nothing(smith):
    stranger = browser()
    stranger.cookies["known"] = at_home("smith").cookies["known"].value
    assert stranger.get("/desk/").status_code == 302
    assert tries(stranger, "smith").status_code == 400


def test_a_mark_of_another_forged_old_or_of_before_a_new_password_is_none(smith):
    user, now = User.objects.get(email=smith), read_clock()
    boris = cast.person("boris", "agent", "first-line").user
    marks = known_browsers.with_mark("", user, now=now)
    assert known_browsers.known(marks, "smith", now=now)
    assert known_browsers.known(marks, smith.upper(), now=now)
    other = known_browsers.with_mark("", boris, now=now)
    value, signature = other.rsplit(":", 1)
    for none in (
        "",
        other,
        value.replace(f"{boris.pk}.", f"{user.pk}.", 1) + ":" + signature,
        marks[:-1] + ("A" if marks[-1] != "A" else "B"),
        Signer(salt="users.known_browsers\n").sign(marks.rsplit(":", 1)[0]),
        "~".join(["x"] * 9000),
        f"{10**18}.{'a' * 22}.1:x",
    ):
        assert not known_browsers.known(none, "smith", now=now), none
    assert known_browsers.known(marks, "smith", now=now + LIVES - timedelta(minutes=1))
    assert not known_browsers.known(marks, "smith", now=now + LIVES)
    user.set_password("another-password-altogether")
    user.save()
    assert not known_browsers.known(marks, "smith", now=now)


def test_a_browser_is_known_for_all_who_share_it_but_for_no_crowd(smith):
    now = read_clock()
    shift = [cast.person(f"agent{number}", "agent", "first-line").user for number in range(7)]
    marks = ""
    for user in [*shift, shift[-1]]:
        marks = known_browsers.with_mark(marks, user, now=now)
    known = [bool(known_browsers.known(marks, user.email, now=now)) for user in shift]
    assert known == [False] * 2 + [True] * 5


@pytest.mark.parametrize(("door", "email"), [(DESK, "smith@staff.example"), (PANEL, ANNA)])
def test_its_owner_is_told_once_and_gets_into_a_new_browser_by_the_code_of_that_letter(smith, account, door, email):
    botnet(email, door=door)
    new = browser(600)
    page = tries(new, email, PASSWORD, door).content.decode()
    assert 'name="mailed"' in page
    assert "we have sent to your address" in page
    code = told_code(email)
    assert StaffLetter.objects.count() + AccountLetter.objects.count() == 1
    for wrong in ("AAAA-AAAA-AAAA", "ж" * 12, "\0"):
        answer = tries(new, email, PASSWORD, door, mailed=wrong)
        assert answer.status_code == 429
    assert "This is not the code of the letter" in tries(new, email, PASSWORD, door, mailed="AAAA").content.decode()
    answer = tries(new, email, WRONG, door, mailed=code)
    assert (answer.status_code, f'value="{code}"' in answer.content.decode()) == (400, True)
    assert tries(new, email, PASSWORD, door, mailed=f" {code.lower().replace('-', ' ')} ").status_code == 302
    new.post(door.replace("login", "logout"))
    assert tries(new, email, PASSWORD, door).status_code == 302, "it is known from now on"


def test_the_code_is_his_alone_for_two_days_and_one_browser(smith, account, other):
    user, now = User.objects.get(email=smith), read_clock()
    code = known_browsers.code(user, now=now).reveal()
    first = known_browsers.known_by_letter(code, smith, now=now)
    assert first
    assert known_browsers.known_by_letter(code, "smith", now=now + timedelta(hours=24)) == first
    assert not known_browsers.known_by_letter(code, "smith", now=now + timedelta(hours=48))
    for name in (ANNA, BORIS, NOBODY, ""):
        assert not known_browsers.known_by_letter(code, name, now=now)
    botnet("smith", OF_A_NAME.most)
    answers = [tries(browser(number), "smith", mailed=code) for number in range(OF_A_BROWSER.most + 2)]
    assert [each.status_code for each in answers] == [400] * OF_A_BROWSER.most + [429] * 2, (
        "who copied the letter has no more than one browser"
    )
    user.set_password("another-password-altogether")
    user.save()
    assert not known_browsers.known_by_letter(code, "smith", now=now)


def test_guessing_that_code_ends_for_a_network(smith):
    botnet("smith", OF_A_NAME.most)
    for _ in range(40):
        tries(browser(), "smith", mailed="AAAA-AAAA-AAAA")
    assert tries(browser(), "smith", PASSWORD, mailed=_code(smith)).status_code == 429
    assert tries(browser(1), "smith", PASSWORD, mailed=_code(smith)).status_code == 302


def _code(email: str) -> str:
    return known_browsers.code(User.objects.get(email=email), now=read_clock()).reveal()


def test_a_name_that_nobody_has_looks_the_same_and_costs_as_much(smith):
    """The same pages and as many questions to the database; the letter is written by a worker."""
    costs: dict[str, list[int]] = {}
    pages: dict[str, list[str]] = {}
    for name in (smith, NOBODY):
        botnet(name, OF_A_NAME.most - 1)
        answers, costs[name] = [], []
        for number in range(4):
            with CaptureQueriesContext(connection) as asked:
                answers.append(tries(browser(500 + number), name, mailed="AAAA-AAAA-AAAA"))
            costs[name].append(len(asked))
        pages[name] = [_bare(each, name) for each in answers]
        assert [each.status_code for each in answers] == [400, 429, 429, 429]
    assert pages[smith] == pages[NOBODY]
    assert costs[smith] == costs[NOBODY]
    streams = Event.objects.filter(type="PasswordsGuessed").values_list("stream", flat=True)
    assert sorted(streams) == [f"staff:{User.objects.get(email=smith).staff.pk}", "system"]
    worker.drain()
    assert StaffLetter.objects.count() == 1


def _bare(answer: HttpResponse, name: str) -> str:
    page = answer.content.decode().replace(name, "NAME")
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", page)


def test_who_was_blocked_is_nobody(smith):
    User.objects.filter(email=smith).update(is_active=False)
    botnet("smith", OF_A_NAME.most + 1)
    worker.drain()
    assert not StaffLetter.objects.exists()


def test_he_hears_of_it_once_a_day_however_long_it_goes_on(smith):
    botnet("smith", OF_A_NAME.most + 20)
    botnet(smith, OF_A_NAME.most + 20)
    worker.drain()
    assert StaffLetter.objects.count() == 2, "once for each of his names"
    assert "подбирают пароль" in StaffLetter.objects.first().text


def test_begun_anew_at_the_desk_the_browser_is_known(smith, settings):
    settings.DEMO = False
    user = User.objects.get(email=smith)
    botnet("smith", OF_A_NAME.most + 1)
    people.begin_recovery(user.staff.pk, by="staff:1", now=read_clock())
    user.refresh_from_db()
    new, link = browser(600), people.invitation_link(user)
    path = link.removeprefix(settings.SITE_URL)
    new.get(path)
    first = f"{totp(bytes.fromhex(new.session['enrolling'])):06d}"
    assert new.post(path, {"password": "quite-another-password", "code": first}).url == DESK
    assert tries(new, "smith", "quite-another-password").url == "/desk/login/code/"
    assert tries(browser(601), "smith", "quite-another-password").status_code == 429


def test_begun_anew_in_the_panel_the_browser_is_known(account, settings):
    user = User.objects.get(email=ANNA)
    botnet(ANNA, OF_A_NAME.most + 1, PANEL)
    signing_in.end_all(user)
    new, path = browser(600), signing_in.link_to_begin(user).removeprefix(settings.SITE_URL)
    new.get(path)
    first = f"{totp(bytes.fromhex(new.session['beginning'])):06d}"
    assert new.post(path, {"password": "quite-another-password", "code": first}).url == PANEL
    assert tries(new, ANNA, "quite-another-password", PANEL).status_code == 302
    assert tries(browser(601), ANNA, "quite-another-password", PANEL).status_code == 429


def test_before_the_second_factor_no_browser_is_known(smith, settings):
    settings.DEMO = False
    device = TOTPDevice.objects.create(user=User.objects.get(email=smith), name="app", confirmed=True)
    thief = browser()
    assert tries(thief, "smith", PASSWORD).url == "/desk/login/code/"
    assert "known" not in thief.cookies
    thief.post("/desk/login/code/", {"code": f"{totp(device.bin_key):06d}"})
    assert thief.cookies["known"].value


def test_a_password_typed_to_prove_oneself_counts_for_this_browser(account):
    """Who has no factor yet shows his password to add one; wrong ones shut neither his network nor his name."""
    own = browser(900)
    tries(own, ANNA, PASSWORD, PANEL)
    botnet(ANNA, OF_A_NAME.most + 1, PANEL)
    page = "/panel/me/factors/app/"
    for _ in range(OF_A_BROWSER.most - 1):
        assert own.post("/panel/proof/", seen(own, page) | {"password": WRONG}).status_code == 400
    assert own.post("/panel/proof/", seen(own, page) | {"password": PASSWORD}).url == page


def test_too_many_of_them_are_told_on_the_page_that_asked(account):
    own, page = browser(900), "/panel/me/factors/app/"
    tries(own, ANNA, PASSWORD, PANEL)
    for _ in range(OF_A_BROWSER.most):
        own.post("/panel/proof/", seen(own, page) | {"password": WRONG})
    answer = own.post("/panel/proof/", seen(own, page) | {"password": PASSWORD})
    words = answer.content.decode()
    assert (answer.status_code, LOCKED in words) == (429, True)
    assert int(answer["Retry-After"]) <= 901
    assert f'name="next" value="{page}"' in words
    assert 'name="login"' not in words, "he is signed in already"
    assert own.get("/panel/").status_code == 200


def test_codes_of_the_app_are_counted_by_person_over_all_networks(smith, settings):
    settings.DEMO = False
    user = User.objects.get(email=smith)
    device = TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    for number in range(settings.WRONG_CODES_A_DAY):
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        thief = browser(number)
        tries(thief, "smith", PASSWORD)
        assert thief.post("/desk/login/code/", {"code": "abcdef"}).status_code == 400
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    last = browser(500)
    tries(last, "smith", PASSWORD)
    answer = last.post("/desk/login/code/", {"code": f"{totp(device.bin_key):06d}"})
    assert "Too many wrong codes" in answer.content.decode()


def test_passwords_are_compared_in_one_place_only(settings):
    """Whoever adds another door finds it here."""
    ours = [
        path for app in ("api", "channels_app", "realtime", "staff", "users", "web") for path in _sources(settings, app)
    ]
    compares = re.compile(r"\bauthenticate\(request|\bcheck_password\(")
    found = [path.name for path in ours if compares.search(path.read_text())]
    assert sorted(found) == ["backends.py", "lockout.py"]


def _sources(settings, app: str) -> list[Path]:
    return sorted((settings.BASE_DIR / app).rglob("*.py"))
