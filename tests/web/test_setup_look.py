"""Name, logo and accent of the desk, and the first steps on the overview."""

import random
import zlib
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_app.models import Channel, DomainCheck
from channels_app.policies.dns_records import RecordKind, Seen, Verdict
from core.clock import now as read_clock
from core.look import current
from events.models import Event
from ops.models import Backup
from tests import cast
from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.unit.core.test_png import END, PLAIN, SIGNATURE, chunk, header
from tests.web.conftest import person, shows, signed_in
from tickets.models import OutboundCopy, Ticket
from tickets.services.intake import receive
from tickets.services.letters import outbound_message

LOOK = {"name": "Ромашка & Co", "accent": "#0a656e"}


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def png(data: bytes = PLAIN) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.png", data, "image/png")


def test_name_logo_and_accent_are_on_public_pages_at_the_door_and_at_the_desk(admin, agent):
    shows(admin.post("/setup/look/", {**LOOK, "logo": png()}, follow=True), "Saved.", "Show no logo any more")
    look = current()
    for page in (Client().get("/"), Client().get("/desk/login/"), agent.get("/desk/"), admin.get("/setup/")):
        shows(page, "— Ромашка &amp; Co</title>", f"/look/{look.logo}.png", "/look/0a656e.css")
        assert "style=" not in page.content.decode()
    assert Event.objects.get(stream="system", type="LookChanged").payload.data == {
        "fields": ["name", "accent", "logo_digest"]
    }


def test_the_desk_pays_no_query_for_its_look(agent, admin):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            agent.get("/desk/")
        return len(seen)

    agent.get("/desk/")
    before = queries()
    admin.post("/setup/look/", LOOK)
    agent.get("/desk/")
    assert queries() == before


def test_the_files_are_kept_for_good_by_browsers_and_need_no_sign_in(admin):
    admin.post("/setup/look/", {**LOOK, "logo": png()})
    logo, colours = Client().get(f"/look/{current().logo}.png"), Client().get("/look/0a656e.css")
    assert (logo.content, logo["Content-Type"], logo["X-Content-Type-Options"]) == (PLAIN, "image/png", "nosniff")
    assert colours["Content-Type"].startswith("text/css")
    assert "--accent-fill:light-dark(#0a656e,#" in colours.content.decode()
    for answer in (logo, colours):
        assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "address", ["/look/0000000000000000.png", "/look/ffcc00.css", "/look/0A656E.css", "/look/x.css"]
)
def test_no_other_file_is_there(address):
    assert Client().get(address).status_code == 404


def test_an_accent_nobody_could_read_is_refused_with_the_nearest_that_can_be(admin):
    page = admin.post("/setup/look/", {"name": "Desk", "accent": "#ffcc00"})
    assert page.status_code == 422
    shows(page, "could not be read by everybody", 'value="#ffcc00"', 'value="Desk"', 'name="offered"')
    offered = page.context["offer"]
    admin.post("/setup/look/", {"name": "Desk", "accent": "#ffcc00", "offered": offered})
    assert (current().name, current().accent) == ("Desk", offered)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "x" * 61}, "longer than 60"),
        ({"accent": "red"}, "This is no colour"),
        ({"logo": png(b"<svg onload=alert(1)>")}, "must be a PNG"),
        ({"logo": png(PLAIN[:-3])}, "damaged"),
        ({"logo": png(PLAIN + b"0" * 300_000)}, "larger than 200 KB"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(admin, typed, words):
    page = admin.post("/setup/look/", {**LOOK, **typed})
    assert page.status_code == 422
    shows(page, words, f'href="#{next(iter(typed))}"', 'aria-invalid="true"')
    assert current().name == ""


def test_a_logo_stays_until_it_is_taken_away(admin):
    admin.post("/setup/look/", {**LOOK, "logo": png()})
    admin.post("/setup/look/", {**LOOK, "name": "Another"})
    assert current().logo
    admin.post("/setup/look/", {**LOOK, "drops_logo": "on"})
    assert not current().logo


def test_a_letter_stands_under_the_name_of_the_desk(admin):
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    copy = OutboundCopy.objects.first()
    plain = outbound_message(copy.pk).html
    admin.post("/setup/look/", LOOK)
    headed = outbound_message(copy.pk).html
    shows_in = 'border-bottom:3px solid #0a656e;font-weight:bold">Ромашка &amp; Co</p>'
    assert shows_in not in plain and shows_in in headed
    assert headed.replace(headed[headed.index("<p style=") : headed.index("</p>") + 5], "").split() == plain.split()
    assert Ticket.objects.count() == 1


def test_a_logo_stands_within_letters_where_that_is_wanted(admin):
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    copy = OutboundCopy.objects.first()
    admin.post("/setup/look/", {**LOOK, "logo": png()})
    without = outbound_message(copy.pk)
    assert without.logo is None and "<img" not in without.html
    shows(admin.post("/setup/look/", {**LOOK, "logo_in_letters": "on"}, follow=True), 'name="logo_in_letters" checked')
    sent = outbound_message(copy.pk)
    assert sent.logo.content == PLAIN
    assert f'<img src="cid:{sent.logo.content_id}" alt=""' in sent.html
    assert sent.text == without.text
    admin.post("/setup/look/", {**LOOK, "logo_in_letters": "on", "drops_logo": "on"})
    assert outbound_message(copy.pk).logo is None


def test_a_heavy_logo_does_not_go_with_every_letter(admin):
    dice = random.Random(1)
    noise = b"".join(b"\0" + dice.randbytes(200 * 3) for _ in range(60))
    heavy = SIGNATURE + header(200, 60) + chunk(b"IDAT", zlib.compress(noise)) + END
    page = admin.post("/setup/look/", {**LOOK, "logo": png(heavy), "logo_in_letters": "on"})
    assert page.status_code == 422
    shows(page, "too heavy to go with every letter", 'name="logo_in_letters" checked')
    admin.post("/setup/look/", {**LOOK, "logo": png(heavy)})
    assert current().logo
    assert admin.post("/setup/look/", {**LOOK, "logo_in_letters": "on"}).status_code == 422
    assert not current().is_logo_in_letters


def test_the_first_steps_are_told_until_all_are_done(admin, settings):
    settings.DEMO, settings.EMAIL_URL = False, ""
    page = admin.get("/setup/")
    shows(page, "First steps", "Give the desk its name", "nobody but you is here yet")
    done = {"look", "teams", "people", "mailboxes", "relay", "mail", "texts", "import", ""}
    assert {step.page: is_done for step, is_done, _ in page.context["steps"]} == {
        step: step in {"teams", "import"} for step in done
    }
    admin.post("/setup/look/", LOOK)
    cast.person("agent1", "agent", "first-line")
    Channel.objects.create(slug="help", name="Help", address="help@example.com", queue_slug="hosting")
    admin.post("/setup/relay/", {"host": "relay.example.com", "port": "", "security": "starttls"})
    record = Seen(RecordKind.SPF, Verdict.DIFFERENT)
    domain = DomainCheck.objects.create(domain="example.com", checked_at=NOW, results=[])
    made_at = read_clock() - timedelta(hours=1)
    Backup.objects.create(made_at=made_at, folder="/a", size_bytes=1, damaged=1)
    old = Backup.objects.create(made_at=made_at - timedelta(days=3), folder="/b", size_bytes=1)
    page = admin.get("/setup/")
    shows(
        page,
        "2 are left",
        "Have a backup made every night",
        f"the last good one is of {timezone.localtime(old.made_at):%H:%M %d.%m.%Y}",
    )
    domain.results = [asdict(replace(record, kind=kind)) for kind in RecordKind]
    domain.save()
    shows(admin.get("/setup/"), "2 are left", "Publish the DNS records")
    domain.results = [asdict(Seen(kind, Verdict.PRESENT)) for kind in RecordKind]
    domain.save()
    Backup.objects.create(made_at=made_at, folder="/c", size_bytes=1)
    page = admin.get("/setup/")
    assert [step.page for step, is_done, _ in page.context["steps"] if not is_done] == ["texts"]
    assert "First steps" not in page.content.decode()
