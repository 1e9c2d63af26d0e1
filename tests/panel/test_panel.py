"""The control panel as its customer uses it."""

import io
import json
import re
import zipfile
from datetime import timedelta
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from assurance.models import CriticalAction
from channels_app.models import Channel, HeldFile
from core.clock import now as read_clock
from core.sealed import unseal
from customers.models import Account, Consent, Contact, ContactRole, Service
from events.models import Event
from tests.cast import ANNA, BORIS, SUPPORT
from tests.panel.conftest import PASSWORD, shows, signed_in
from tests.proofs import seen
from tests.tickets.trust import an_agent
from tickets.models import Attachment, Message, MessageSecret, Ticket
from tickets.numbers import pretty
from tickets.services import assignment, notes, replies
from tickets.services.critical import acting
from tickets.services.letters import outbound_message
from users.models import Passkey, User


def asked(client: Client, *, headers: dict[str, str] | None = None, **more: object):
    Channel.objects.get_or_create(
        slug="support-mail", defaults={"address": SUPPORT, "queue_slug": "hosting", "name": "S"}
    )
    form = {
        "request_id": str(uuid4()),
        "kind": "incident",
        "subject": "Сайт отдаёт 502",
        "text": "С утра не открывается",
        "steps": "Открыть сайт",
        "often": "always",
        "consent": "2026-11",
        "step": "send",
    }
    return client.post("/panel/tickets/new/", form | more, follow=True, headers=headers)


def test_files_outlast_a_refusal_and_a_look_at_similar_requests(client):
    form = {"request_id": str(uuid4()), "step": ""}
    page = asked(client, **form, subject="", files=SimpleUploadedFile("shot.png", b"png"))
    kept = dict(re.findall(r'name="kept" value="([^"]+)" checked><b>([^<]+)', page.content.decode()))
    assert list(kept.values()) == ["shot.png"]
    page = asked(client, **form, text="", kept=list(kept), files=SimpleUploadedFile("log.txt", b"502"))
    kept = {
        name: one for one, name in re.findall(r'name="kept" value="([^"]+)" checked><b>([^<]+)', page.content.decode())
    }
    assert set(kept) == {"shot.png", "log.txt"}
    asked(client, **form, kept=[kept["log.txt"]])
    assert [file.filename for file in Attachment.objects.all()] == ["log.txt"]
    assert not HeldFile.objects.exists()


def test_of_a_form_larger_than_can_be_taken_the_words_are_kept(client):
    page = asked(client, headers={"x-files-too-large": "1"})
    assert page.status_code == 400
    shows(page, "larger than 25 MB together", "Сайт отдаёт 502", "С утра не открывается")
    asked(client)
    where = f"/panel/tickets/{Ticket.objects.get().public_id}/answers"
    form = {"request_id": str(uuid4()), "text": "Вот запись"}
    page = client.post(where, form, headers={"x-files-too-large": "1"})
    assert page.status_code == 400
    shows(page, 'id="files-e"', "larger than 25 MB together", "Вот запись")
    page = client.post(where, form | {"text": "Вот\0 запись"})
    assert page.status_code == 400
    shows(page, 'id="text-e"', "cannot be stored", "Вот запись")
    page = client.post(where, form | {"secret": "pass\0word"})
    shows(page, "cannot be stored", "password", "Вот запись")
    assert Message.objects.filter(author="requester").count() == 1


def test_more_files_than_are_taken_are_refused_and_not_dropped_in_silence(client):
    files = [SimpleUploadedFile(f"{n}.txt", b"%d" % n) for n in range(21)]
    shows(asked(client, files=files), "At most 20 files.")
    assert not Ticket.objects.exists()


def test_files_kept_for_one_person_are_not_had_by_another_who_knows_the_form(client, other):
    form = {"request_id": str(uuid4()), "step": ""}
    page = asked(client, **form, subject="", files=SimpleUploadedFile("shot.png", b"png"))
    [kept] = re.findall(r'name="kept" value="([^"]+)"', page.content.decode())
    boris = signed_in(BORIS)
    assert "shot.png" not in asked(boris, **form, subject="", kept=[kept]).content.decode()
    asked(boris, **form, kept=[kept])
    assert Ticket.objects.count() == 1
    assert not Attachment.objects.exists()
    assert HeldFile.objects.get().filename == "shot.png"


def test_nobody_enters_without_signing_in_and_staff_have_another_door(client):
    assert Client().get("/panel/")["Location"] == "/panel/login/?next=/panel/"
    an_agent("agent1")
    stranger = Client()
    assert stranger.post("/panel/login/", {"login": "agent1@staff.example", "password": PASSWORD}).status_code == 400
    assert stranger.post("/panel/login/", {"login": ANNA, "password": "wrong"}).status_code == 400
    assert client.get("/panel/").status_code == 200
    assert "/desk/login/" in client.get("/desk/")["Location"]


def test_a_request_is_asked_in_one_form_and_its_number_comes_at_once(client, account):
    service = Service.objects.get(account=account)
    picture = SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n1", "image/png")
    answer = asked(client, service=str(service.pk), check="paid", files=picture)
    ticket = Ticket.objects.get()
    shows(answer, "Your request is with us", "HD-", "Открыть сайт", "shot.png", "We answer")
    assert (ticket.level, ticket.door, ticket.service_id, ticket.account_id) == (4, "panel", service.pk, account.pk)
    assert ["steps", "Открыть сайт"] in ticket.details
    assert ["The domain is paid for", "yes"] in ticket.details
    assert Consent.objects.count() == 1
    assert "I agree" not in client.get("/panel/tickets/new/").content.decode()
    shows(client.get("/panel/"), "Сайт отдаёт 502", "We work on it")


def test_what_is_wrong_is_said_by_the_field_and_what_was_typed_stays(client):
    answer = asked(client, subject=" ", text="Слова", often="never", consent="", service="999")
    assert answer.status_code == 400
    shows(
        answer,
        "Say in one sentence",
        "Choose one of the list",
        "Without your consent",
        "Choose one of your services",
        "Слова",
        "Открыть сайт",
    )
    shows(asked(client, text="a\x00b"), "cannot be stored")
    shows(asked(client, subject="x" * 201), "at most 200")
    shows(asked(client, request_id="nonsense"), "too old")
    shows(asked(client, files=SimpleUploadedFile("big", b"x" * (25 * 1024 * 1024 + 1))), "larger than 25 MB")
    assert not Ticket.objects.exists()


def test_the_same_form_sent_twice_opens_one_ticket(client):
    one = str(uuid4())
    asked(client, request_id=one)
    asked(client, request_id=one)
    assert Ticket.objects.count() == 1


def test_something_like_it_is_offered_before_sending(client):
    asked(client, subject="Не приходит почта")
    answer = asked(client, subject="Почта не приходит", step="")
    shows(answer, "You have asked something like this already", "Не приходит почта")
    assert Ticket.objects.count() == 1
    asked(client, subject="Почта не приходит")
    assert Ticket.objects.count() == 2


def test_answering_closing_and_opening_again(client):
    asked(client)
    ticket = Ticket.objects.get()
    page = f"/panel/tickets/{ticket.public_id}/"
    form = {"request_id": str(uuid4()), "text": "Уже лучше", "files": SimpleUploadedFile("log.txt", b"502")}
    shows(client.post(f"{page}answers", form, follow=True), "Your answer is with us", "Уже лучше", "log.txt")
    assert client.post(f"{page}answers", {"request_id": str(uuid4()), "text": " "}).status_code == 400
    shows(client.post(f"{page}closing", follow=True), "Closed.", "Done", "It is not solved")
    shows(client.post(f"{page}reopening", follow=True), "We work on it")
    file = Attachment.objects.get(filename="log.txt")
    answer = client.get(f"{page}files/{file.public_id}/")
    assert b"".join(answer.streaming_content) == b"502"
    assert "attachment" in answer["Content-Disposition"]


def test_what_waits_for_the_customer_stands_first(client):
    asked(client)
    Ticket.objects.update(status="waiting_customer")
    shows(client.get("/panel/"), "This needs you", "We wait for your answer", "Needs your answer")


def test_a_person_of_several_accounts_looks_at_one(client, other):
    ContactRole.objects.create(account=other, contact=Contact.objects.get(given_name="Анна"), role="technical")
    shows(client.get("/panel/"), "Boris", "annahost")
    shows(client.post("/panel/account", {"account": str(other.public_id)}, follow=True), "VPS M")
    stranger = Account.objects.create(kind="person", name="Чужой")
    client.post("/panel/account", {"account": str(stranger.public_id)})
    shows(client.get("/panel/"), "VPS M")


def test_a_new_factor_does_not_end_the_way_of_whoever_has_an_older_one(client, account):
    asked(client)
    given = {"new_email": "new@hosting-client.example"}
    action = acting.request(
        Ticket.objects.get().number, "change_administrative_email", given, by=an_agent(), now=read_clock()
    )
    user = User.objects.get(email=ANNA)
    new = TOTPDevice.objects.create(user=user, name="App")
    Passkey.objects.create(user=user, name="Key", credential_id=b"key", public_key=b"key", sign_count=0)
    Passkey.objects.update(created_at=read_clock() - timedelta(days=4))
    page = f"/panel/decisions/{action.public_id}/"
    answer = client.post("/panel/proof/", seen(client, page) | {"code": f"{totp(new.bin_key):06d}"})
    assert answer.status_code == 409
    shows(answer, "This factor is new and does not count in full yet", 'name="code"', "data-passkey")


def test_services_of_one_name_are_told_apart(client, account):
    for kind in ("domain", "certificate"):
        Service.objects.create(account=account, kind=kind, name="annashop.example", domain="annashop.example")
    shows(client.get("/panel/tickets/new/"), "annashop.example, domain", "annashop.example, certificate")
    shows(client.get("/panel/"), "<p>domain", "<p>certificate")


def test_the_owner_decides_with_a_factor_that_is_three_days_old(client, account):
    asked(client)
    agent = an_agent()
    ticket = Ticket.objects.get()
    given = {"new_email": "new@hosting-client.example"}
    action = acting.request(ticket.number, "change_administrative_email", given, by=agent, now=read_clock())
    shows(client.get("/panel/"), action.words, "Look and decide")
    shows(client.get(f"/panel/tickets/{ticket.public_id}/"), action.words, "Look and decide")
    page = f"/panel/decisions/{action.public_id}/"
    shows(client.get(page), "which you do not have yet", "/panel/me/factors/")
    answer = client.post(f"{page}approval", follow=True)
    shows(answer, "You have none yet", "Begin with a code app")
    begin = "/panel/me/factors/app/"
    shows(client.get(begin, follow=True), "Your password once more")
    shows(client.post("/panel/proof/", seen(client, begin) | {"password": "wrong"}), "This is not your password")
    answer = client.post("/panel/proof/", seen(client, begin) | {"password": PASSWORD}, follow=True)
    assert re.search(r"<code>([A-Z2-7 ]+)</code>", answer.content.decode())
    code = f"{totp(bytes.fromhex(client.session['enrolling_app'])):06d}"
    shows(client.post(begin, {"code": "000000"}), "This code does not fit")
    client.post(begin, {"code": code})
    device = TOTPDevice.objects.get(user__email=ANNA)
    shows(client.get(f"/panel/proof/?next={page}"), "Your second factor is new")
    TOTPDevice.objects.update(created_at=read_clock() - timedelta(hours=73))
    shows(client.post("/panel/proof/", seen(client, page) | {"code": "000000"}), "The code is wrong, or came too soon")
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None, last_t=-1)
    client.post("/panel/proof/", seen(client, page) | {"code": f"{totp(device.bin_key):06d}"})
    shows(client.post(f"{page}approval", follow=True), "Confirmed")
    assert CriticalAction.objects.get().proof_level == 5


def test_a_page_that_is_not_there_leads_back_to_the_panel_and_a_stranger_to_the_start(client):
    for reader, page, back in ((client, "/panel/nowhere/", "/panel/"), (Client(), "/nowhere/", "/")):
        answer = reader.get(page)
        assert answer.status_code == 404
        shows(answer, f'href="{back}">')


def test_it_was_not_me_in_the_panel(client):
    asked(client)
    action = acting.request(
        Ticket.objects.get().number, "password_reset", {"login": "annahost"}, by=an_agent(), now=read_clock()
    )
    shows(client.post(f"/panel/decisions/{action.public_id}/refusal", follow=True), "Refused", "looks into it")


def test_codes_for_a_call_in_both_directions(client, account):
    page = client.post("/panel/call-code").content.decode()
    assert re.search(r'class="otp" role="status">\d{4} \d{4}<', page)
    shows(client.post("/panel/our-code", {"code": "123456"}), "No. This is no code of ours")


def test_a_code_of_a_colleague_names_him_and_the_ticket_as_it_is_written(client, account):
    asked(client)
    an_agent("agent1")
    colleague = Client()
    colleague.post("/desk/login/", {"login": "agent1@staff.example", "password": PASSWORD})
    number = Ticket.objects.get().number
    page = colleague.post(f"/desk/tickets/{number}/trust/our-code").content.decode()
    code = page.split('<strong class="mono">')[1].split("<")[0]
    shows(client.post("/panel/our-code", {"code": code}), "this is our code, made by Support.", pretty(number))


def test_a_letter_says_by_which_code_it_is_known_as_ours(client, account, other):
    asked(client)
    ticket = Ticket.objects.get()
    replies.reply(ticket.number, by=an_agent(), text="Перезапустили", now=read_clock())
    message = Message.objects.get(author="agent")
    letter = outbound_message(message.copies.get().pk)
    code = re.search(r"\d{4} \d{4}", letter.text)[0]
    assert code in letter.html
    assert code not in message.text
    shows(client.post("/panel/our-code", {"code": code}), "Yes: this is our letter", ticket.subject)
    shows(signed_in(BORIS).post("/panel/our-code", {"code": code}), "No. This is no code of ours")
    message.withdrawn_at = read_clock()
    message.save()
    shows(client.post("/panel/our-code", {"code": code}), "No. This is no code of ours")


def test_what_is_kept_is_seen_taken_away_and_asked_to_be_erased(client):
    asked(client)
    shows(client.get("/panel/me/"), ANNA, "owner: everything", "2026-11")
    answer = client.post("/panel/me/export")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    about = json.loads(archive.read("about-you.json"))
    assert about["points"][0]["value"] == ANNA
    assert len(archive.namelist()) == 2
    assert about["points"][0]["on_file_since"].endswith(":00Z")
    assert Event.objects.filter(type="OwnDataExported").count() == 1
    client.post("/panel/me/erasure")
    client.post("/panel/me/erasure")
    assert Ticket.objects.filter(kind="administrative").count() == 1


def test_pages_take_the_same_queries_however_much_there_is(client, django_assert_max_num_queries):
    for _ in range(8):
        asked(client, subject=f"Вопрос {uuid4()}")
    with django_assert_max_num_queries(12):
        client.get("/panel/")
    with django_assert_max_num_queries(9):
        client.get(f"/panel/tickets/{Ticket.objects.earliest('id').public_id}/")


def test_it_reads_in_russian():
    client = signed_in(ANNA, language="ru")
    shows(client.get("/panel/"), "Здравствуйте, Анна", "Код для звонка", "Задать вопрос")
    shows(client.get("/panel/tickets/new/"), "Что-то не работает")


def test_a_message_of_the_customer_is_his_own_and_proven(client):
    asked(client)
    message = Message.objects.get(author="requester")
    assert message.reasons == ["panel_may_authorise"]
    assert User.objects.get(email=ANNA).contact.name in message.sender_name


def test_the_steps_of_a_request_are_read_and_taken_away(client):
    asked(client)
    ticket, agent = Ticket.objects.get(), an_agent()
    assignment.claim(ticket.number, by=agent, now=read_clock())
    notes.add_note(ticket.number, by=agent, text="Между нами", now=read_clock())
    page = f"/panel/tickets/{ticket.public_id}/"
    client.post(f"{page}closing")
    shows(client.get(page), "What has happened", "We have the request", "A colleague takes care of it", "Closed")
    assert "Между нами" not in client.get(page).content.decode()
    assert "Agent" not in client.get(page).content.decode().partition('id="steps"')[2]
    shows(client.get("/panel/me/"), "You agreed to the processing of your data")
    answer = client.post("/panel/me/export")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    about = json.loads(archive.read("about-you.json"))
    assert [step["step"] for step in about["steps"]][:1] == ["You agreed to the processing of your data"]
    told = json.loads(archive.read(f"requests/HD-{ticket.number}.json"))
    assert "A colleague takes care of it" in [step["step"] for step in told["steps"]]


def test_a_password_is_given_for_one_look_and_stands_nowhere_in_clear(client):
    value = "correct horse\nbattery staple"
    asked(client)
    ticket = Ticket.objects.get()
    page = f"/panel/tickets/{ticket.public_id}/"
    form = {"request_id": str(uuid4()), "text": "", "secret": f" {value} "}
    shows(client.post(f"{page}answers", form, follow=True), "Your answer is with us.", "•••")
    message = Message.objects.latest("id")
    assert "horse" not in message.text
    assert "horse" not in client.get(page).content.decode()
    an_agent("agent1")
    colleague = Client(headers={"accept-language": "en"})
    colleague.post("/desk/login/", {"login": "agent1@staff.example", "password": PASSWORD})
    address = f"/desk/messages/{message.public_id}/secrets/1/"
    shows(colleague.get(address), "it is shown once")
    shows(colleague.post(address), "correct horse\nbattery staple", "shown this once")
    assert Event.objects.filter(type="SecretShown").count() == 1
    shows(colleague.post(address), "It is gone")
    assert Event.objects.filter(type="SecretShown").count() == 1


def test_a_password_is_given_with_the_request_itself(client):
    asked(client, secret="correct horse\nbattery staple", step="send")
    message = Message.objects.get()
    assert message.text.endswith("⟦•••1⟧")
    assert "horse" not in f"{message.text}{Ticket.objects.values()}{Event.objects.values()}"
    secret = MessageSecret.objects.get(message=message)
    assert (secret.kind, unseal(secret.sealed).reveal()) == ("once", "correct horse\nbattery staple")
    refused = asked(client, secret="y" * 4001, step="send")
    assert refused.status_code == 400
    shows(refused, 'id="secret-e"', "at most 4000 characters", "y" * 4001)


def test_a_password_too_long_is_refused_and_kept(client):
    asked(client)
    form = {"request_id": str(uuid4()), "text": "Hello", "secret": "x" * 4001}
    answer = client.post(f"/panel/tickets/{Ticket.objects.get().public_id}/answers", form)
    assert answer.status_code == 400
    shows(answer, "at most 4000 characters", "x" * 4001, "Hello")


def test_the_page_one_is_on_is_marked_and_a_request_shows_how_far_it_is(client):
    for address in ("/panel/", "/panel/tickets/new/", "/panel/me/"):
        shows(client.get(address), f'<a href="{address}" aria-current="page">')
    asked(client)
    ticket = Ticket.objects.get()
    page = f"/panel/tickets/{ticket.public_id}/"
    shows(client.get(page), '<li class="is-now" aria-current="step"><span>We work on it</span></li>')
    client.post(f"{page}closing")
    assert 'aria-current="step"' not in client.get(page).content.decode()


def test_whoever_cannot_sign_in_is_shown_where_to_ask():
    shows(
        Client(headers={"accept-language": "en"}).get("/panel/login/"), '<a href="/request/">Ask without signing in</a>'
    )
