"""An empty real installation: from the first administrator to a desk that can take mail, by its own pages."""

import re

from django.core.management import call_command
from django.test import Client
from django_otp.oath import TOTP, totp

from core.clock import now
from staff.models import StaffProfile, Team
from tests.web.conftest import shows
from tickets.models import Queue

GOOD = "a-long-password-nobody-has-1"


def test_an_empty_desk_is_set_up_by_its_pages(capsys, settings):
    settings.DEMO, settings.EMAIL_URL = False, ""
    Queue.objects.all().delete()
    Team.objects.all().delete()
    call_command("create_admin", "root@staff.example", "Ирина")
    link = re.search(r"(/desk/invitation/\S+)", capsys.readouterr().out)[1]
    client = Client(headers={"accept-language": "en"})
    client.get(link)
    key = bytes.fromhex(client.session["enrolling"])
    client.post(link, {"password": GOOD, "code": f"{totp(key):06d}"})
    client.post("/desk/login/", {"login": "root@staff.example", "password": GOOD})
    following = TOTP(key)  # a code is good once: the next one is within the tolerance
    following.time = now().timestamp() + following.step
    answer = client.post("/desk/login/code/", {"code": f"{following.token():06d}"}, follow=True)
    shows(answer, "First steps", "Make teams and queues", "without a queue no mail can wait anywhere")
    team = {"name_ru": "Первая", "name_en": "First", "tier": "1"}
    shows(client.post("/setup/teams/new/", team, follow=True), "First")
    queue = {"name_ru": "Общая", "name_en": "General", "team": Team.objects.get().slug}
    shows(client.post("/setup/queues/new/", queue, follow=True), "General")
    person = {"email": "agent@staff.example", "name": "Олег", "role": "agent", "teams": Team.objects.get().slug}
    shows(client.post("/setup/people/invitation/", person, follow=True), "Invited.", "Олег")
    assert StaffProfile.objects.get(name="Олег").teams.get().queues.get().name_en == "General"
    steps = {step.page: is_done for step, is_done, _ in client.get("/setup/").context["steps"]}
    assert (steps["teams"], steps["people"], steps["mailboxes"]) == (True, True, False)
