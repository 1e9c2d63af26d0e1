"""Robots, mail bombers and forgers at the public form."""

import base64
import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from channels_app import proof_of_work
from channels_app.models import HeldRequest
from core import limits as counts
from core.clock import now as read_clock
from tests import visitors
from tests.cast import ANNA, MALLORY, SUPPORT
from tests.channels_app.conftest import loop, sink  # noqa: F401 - the fixtures
from tests.visitors import FORM, STATUS, form, link_in, mails, solved, stamped, text_of, visitor
from tests.web.conftest import _desk, person, shows, signed_in  # noqa: F401 - the fixtures
from tickets.models import Attachment, AutoReply, Message, Ticket
from tickets.services import auto_reply
from web.public import limits

pytestmark = pytest.mark.django_db(transaction=True)
LURE = "WIN A PRIZE http://evil.example 🎁"


@pytest.fixture(autouse=True)
def _door(_desk) -> None:  # noqa: F811
    visitors.door()


@pytest.fixture
def letters(sink, settings, tmp_path):  # noqa: F811
    return lambda: mails(sink[0], settings, sink[1], tmp_path)


def nothing_came() -> bool:
    return not Ticket.objects.exists() and not HeldRequest.objects.exists()


def test_a_robot_that_fills_every_field_is_stopped_and_told_why():
    shows(
        visitor().post(FORM, form(website="http://evil.example")),
        "A field that people do not see",
        "The site answers 502",
    )
    assert nothing_came()


def test_a_form_sent_the_moment_it_is_shown_is_stopped_and_kept():
    shows(
        visitor().post(FORM, form(stamp=stamped(ago=timedelta(0)))),
        "faster than a person types",
        "The site answers 502",
    )
    assert nothing_came()


def test_a_mark_of_his_own_making_opens_nothing():
    for mark in ("", "x" * 40, stamped()[:-1], stamped() + "A"):
        page = visitor().post(FORM, form(works=False) | {"stamp": mark})
        assert page.status_code == 422
    assert nothing_came()


def test_one_proof_opens_one_request_only():
    said = form()
    visitor().post(FORM, said)
    visitor().post(FORM, said)
    visitor().post(FORM, form(works=False) | {"work": said["work"]})
    assert Ticket.objects.count() == 1
    assert HeldRequest.objects.count() == 1  # the second has to go by the mailed link


def test_a_proof_that_has_run_out_is_none():
    mark = stamped()
    old = solved(mark, now=read_clock() - proof_of_work.LASTS - timedelta(minutes=1))
    visitor().post(FORM, form(stamp=mark, works=False) | {"work": old})
    assert not Ticket.objects.exists()


FORGED = {
    "no base64": "§§§",
    "no JSON": base64.b64encode(b"{").decode(),
    "a list": base64.b64encode(b"[1]").decode(),
    "numbers for words": base64.b64encode(
        json.dumps({"algorithm": 1, "challenge": 2, "salt": 3, "signature": 4}).encode()
    ),
    "no number": base64.b64encode(
        json.dumps(dict.fromkeys(("algorithm", "challenge", "salt", "signature"), "a")).encode()
    ),
    "deeply nested": base64.b64encode(b"[" * 1400).decode(),
    "far too long": "A" * 100_000,
}


@pytest.mark.parametrize("work", [w if isinstance(w, str) else w.decode() for w in FORGED.values()], ids=FORGED)
def test_a_forged_proof_is_none_and_breaks_nothing(work):
    page = visitor().post(FORM, form(works=False) | {"work": work})
    assert page.status_code == 302
    assert not Ticket.objects.exists()


def test_a_proof_whose_salt_was_changed_for_another_request_is_none():
    given = stamped()
    proof = json.loads(base64.b64decode(solved(given)))
    other = uuid.uuid4()
    for salt in (f"{proof['salt']}for={other.hex}&", f"x?expires=9999999999&for={other.hex}&"):
        forged = base64.b64encode(json.dumps(proof | {"salt": salt}).encode()).decode()
        assert not proof_of_work.is_solved(forged, other)


@pytest.mark.parametrize("victim", [ANNA, "victim@else.example"], ids=["on file", "unknown"])
def test_a_mail_bomb_ends_at_the_limits_of_the_automatic_reply(letters, victim):
    """Many requests in a victim's name from many networks: three numbers, one summary, none of the sender's words."""
    for turn in range(12):
        visitor(network=f"203.0.113.{turn}").post(FORM, form(email=victim, subject=LURE, text=LURE, name=LURE))
    assert len(letters()) == 3
    assert Ticket.objects.count() == limits.FORM_ADDRESS_HOUR.most
    now = read_clock()
    AutoReply.objects.filter(awaits_summary=True).update(at=now - auto_reply.SUMMARY_AFTER)
    auto_reply.send_summaries(now)
    auto_reply.send_summaries(now)
    came = letters()
    assert len(came) == 4
    for mail in came:
        words = f"{mail['Subject']} {mail['To']} {text_of(mail)}"
        assert "evil.example" not in words
        assert "PRIZE" not in words


def test_letters_with_a_link_end_at_the_same_limits(letters):
    for turn in range(8):
        visitor(network=f"203.0.113.{turn}").post(
            FORM, form(works=False, email="victim@else.example", subject=LURE, text=LURE)
        )
    came = letters()
    assert len(came) == limits.LINK_ADDRESS_HOUR.most
    assert not any("evil.example" in mail.as_string() for mail in came)


@pytest.mark.parametrize(
    "written",
    [
        [f"victim+{turn}@else.example" for turn in range(8)],
        ["v.ictim@gmail.com", "vi.ctim@gmail.com", "vic.tim@gmail.com", "vict.im@gmail.com", "victim@googlemail.com"],
    ],
    ids=["by a tag", "by dots that mean nothing there"],
)
def test_one_mailbox_has_no_more_letters_by_other_writings_of_its_address(letters, written):
    for turn, address in enumerate(written):
        visitor(network=f"203.0.113.{turn}").post(FORM, form(works=False, email=address))
    assert len(letters()) == limits.LINK_ADDRESS_HOUR.most


def test_one_network_is_stopped_after_five_and_what_was_typed_is_kept():
    for turn in range(5):
        visitor().post(FORM, form(email=f"m{turn}@elsewhere.example"))
    page = visitor().post(FORM, form(email="m5@elsewhere.example"))
    assert page.status_code == 429
    shows(page, "Nothing was sent yet", "Too many within a short time", "Everything typed is here.")
    shows(page, "Since this morning every page", "m5@elsewhere.example")
    assert Ticket.objects.count() == 5


def test_whoever_is_stopped_by_his_network_does_not_use_up_the_limit_of_his_victim():
    for _ in range(30):
        counts.take((limits.FORM_NETWORK_HOUR, visitors.NETWORK), now=read_clock())
    visitor().post(FORM, form(email=ANNA))
    for turn in range(5):
        assert visitor(network=f"198.51.100.{turn}").post(FORM, form(email=ANNA)).status_code == 302


def test_addresses_of_one_ipv6_network_count_as_one():
    for turn in range(5):
        visitor(network=f"2001:db8::{turn + 1}").post(FORM, form(email=f"m{turn}@elsewhere.example"))
    assert visitor(network="2001:db8::ffff").post(FORM, form(email="x@elsewhere.example")).status_code == 429
    assert visitor(network="2001:db8:1::1").post(FORM, form(email="x@elsewhere.example")).status_code == 302


def test_an_address_told_by_the_visitor_himself_is_not_believed():
    for turn in range(5):
        visitor().post(FORM, form(email=f"m{turn}@elsewhere.example"), headers={"x-forwarded-for": f"10.0.0.{turn}"})
    page = visitor().post(FORM, form(email="x@elsewhere.example"), headers={"x-forwarded-for": "127.0.0.1"})
    assert page.status_code == 429


def test_on_a_day_of_a_flood_only_the_mailed_link_completes_a_request(letters):
    counts.take((limits.FORM_ALL_DAY, "everybody"), now=read_clock(), amount=limits.FORM_ALL_DAY.most)
    shows(visitor().post(FORM, form(), follow=True), "One more step")
    visitor().post(f"{link_in(letters())}sending/")
    assert Ticket.objects.count() == 1


def test_the_counts_name_nobody():
    visitor().post(FORM, form(email=ANNA))
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM core_limitcount")
        kept = " ".join(key for (key,) in cursor.fetchall())
    assert kept
    assert ANNA not in kept
    assert visitors.NETWORK not in kept
    counts.forget(read_clock() + timedelta(days=2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_limitcount")
        assert cursor.fetchone() == (0,)


def test_the_answer_does_not_tell_whether_address_login_or_contract_are_known():
    known = {"email": ANNA, "login": "annahost", "contract": "H-100001", "domain": "annashop.example"}
    unknown = {"email": MALLORY, "login": "nobody", "contract": "H-999999", "domain": "nobody.example"}
    pages = []
    for turn, who in enumerate((known, unknown)):
        client = visitor(network=f"203.0.113.{turn}")
        page = client.post(FORM, form(**who), follow=True).content.decode()
        number = Ticket.objects.order_by("-id").first().number
        pages.append(
            page.replace(f"HD-{number[:3]}-{number[3:6]}-{number[6:]}", "").replace(client.cookies["csrf"].value, "")
        )
    assert len(pages[0]) == len(pages[1])
    assert list(Ticket.objects.values_list("level", flat=True)) == [1, 1]
    assert not Ticket.objects.exclude(contact_id=None).exists()


def test_our_own_address_cannot_be_the_writers(letters):
    """A request in the name of our own mailbox would make the desk write to itself."""
    shows(visitor().post(FORM, form(email=SUPPORT)), "This is our own address")
    assert nothing_came()


HEADERS = [
    "a@b.example\r\nBcc: victim@else.example",
    "a@b.example%0ABcc: v@e.example",
    '"a\r\n"@b.example',
    "a@b.example\x00",
]


@pytest.mark.parametrize("email", HEADERS)
def test_no_header_is_smuggled_in_by_a_field(email, letters):
    page = visitor().post(FORM, form() | {"email": email})
    assert page.status_code == 422
    visitor().post(FORM, form(name="Mal\r\nBcc: victim@else.example", subject="Hello\r\nBcc: victim@else.example"))
    for mail in letters():
        assert mail["Bcc"] is None
        assert mail["To"] == MALLORY


POLYGLOTS = {
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page.png": b"<html><script>alert(1)</script>",
    "both.pdf": b"%PDF-1.4\n<script>alert(1)</script>",
    "gif.html": b"GIF89a/*<script>alert(1)</script>*/",
    "note.xhtml": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>",
}


def test_nothing_that_came_is_ever_opened_as_a_page_of_ours():
    files = [SimpleUploadedFile(name, content, content_type="text/html") for name, content in POLYGLOTS.items()]
    visitor().post(FORM, form(files=files))
    assert Attachment.objects.count() == len(POLYGLOTS)
    agent = signed_in(person("agent1", "lead", "first-line"))
    for file in Attachment.objects.all():
        assert file.content_type in {"application/octet-stream", "application/pdf", "image/gif"}
        answer = agent.get(f"/desk/files/{file.public_id}/")
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_name_of_a_file_leads_nowhere():
    visitor().post(FORM, form(files=SimpleUploadedFile("../../etc/pass\x00wd\u202egnp.exe", b"x")))
    name = Attachment.objects.get().filename
    assert "/" not in name
    assert all(c.isprintable() for c in name)


def test_one_network_cannot_fill_the_disk():
    most = limits.FILES_NETWORK_DAY.most
    counts.take((limits.FILES_NETWORK_DAY, visitors.NETWORK), now=read_clock(), amount=most)
    page = visitor().post(FORM, form(files=SimpleUploadedFile("a.txt", b"x")))
    shows(page, "No more files can be taken today")
    assert nothing_came()


def test_too_many_files_are_refused_with_the_limit():
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(21)]
    shows(visitor().post(FORM, form(files=files)), "At most 20 files")


def test_words_without_end_are_refused_with_the_limit():
    shows(visitor().post(FORM, form(text="x" * 20_001, steps="y" * 2_001)), "at most 20000", "at most 2000")
    assert nothing_came()


def test_script_in_every_field_stays_text():
    bad = "\"'><script>alert(1)</script>"
    said = form() | dict.fromkeys(("subject", "text", "steps", "name", "login", "contract", "domain", "phone"), bad)
    page = visitor().post(FORM, said | {"email": bad}).content.decode()
    assert "<script>alert" not in page
    visitor().post(FORM, form(subject=bad, text=bad, name=bad, steps=bad))
    ticket = Ticket.objects.get()
    agent = signed_in(person("agent1", "lead", "first-line"))
    shown = agent.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_without_the_token_of_the_page_nothing_is_sent():
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR=visitors.NETWORK)
    for address in (
        FORM,
        STATUS,
        f"{FORM}link/x/sending/",
        f"{STATUS}{uuid.uuid4()}/code/",
        f"{STATUS}{uuid.uuid4()}/answers/",
    ):
        assert client.post(address, form()).status_code == 403
    assert nothing_came()


def test_links_in_letters_do_not_follow_a_forged_host(settings, letters):
    settings.ALLOWED_HOSTS = ["testserver"]
    assert visitor().post(FORM, form(works=False), headers={"host": "evil.example"}).status_code == 400
    visitor().post(FORM, form(works=False), headers={"x-forwarded-host": "evil.example"})
    mail = letters()[0]
    assert "evil.example" not in mail.as_string()
    assert settings.SITE_URL in text_of(mail)


def test_no_page_leads_away_from_the_desk():
    client = visitor()
    for answer in (
        client.post(FORM, form(next="https://evil.example")),
        client.get(f"{FORM}sent/?next=//evil.example"),
    ):
        assert "evil" not in answer.get("Location", "")
    for next_page in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert client.post("/theme/", {"theme": "dark", "next": next_page})["Location"] == "/"


def test_a_scanner_that_opens_the_link_changes_nothing(letters):
    visitor().post(FORM, form(works=False))
    link = link_in(letters())
    for _ in range(20):
        visitor().get(link)
        visitor().head(link)
    assert not Ticket.objects.exists()
    assert visitor().get(f"{link}sending/").status_code == 405


def test_a_scanner_that_presses_the_button_proves_nothing(letters):
    visitor().post(FORM, form(works=False, email=ANNA))
    visitor(network="198.51.100.9").post(f"{link_in(letters())}sending/")
    assert Message.objects.get(direction="in").level == 1


def test_a_link_is_not_guessed_from_another(letters):
    visitor().post(FORM, form(works=False))
    link = link_in(letters())
    for forged in (link[:-2] + "/", link[:-2] + "A/", f"{FORM}link/{'A' * 43}/"):
        if forged != link:
            assert visitor().post(f"{forged}sending/").status_code == 404
    assert not Ticket.objects.exists()
    assert link.split("/")[-2] not in str(HeldRequest.objects.values().get())


def test_no_page_of_a_visitor_is_kept_by_a_cache():
    client = visitor()
    client.post(FORM, form())
    for address in (FORM, f"{FORM}sent/", STATUS):
        assert "no-store" in client.get(address)["Cache-Control"]
