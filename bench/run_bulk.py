"""A hundred tickets changed at once, and that undone, in a desk of 100,000 tickets."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk
from load import load

TICKETS = 100_000
ROUNDS = 5
CODE = """
import json, time
from statistics import median
import django; django.setup()
from django.db import connection
from core.clock import now
from staff.models import StaffProfile
from tickets.enums import BulkAction
from tickets.models import Queue, Tag, Ticket
from tickets.services import bulk
who = StaffProfile.objects.get(user__login="bench2").actor()
tag, _ = Tag.objects.get_or_create(name="bench")
mine = Ticket.objects.filter(kind="incident", is_spam=False, status="open", assignee=None)
numbers = list(mine.order_by("id").values_list("number", flat=True)[:100])
queue = Queue.objects.exclude(pk__in=mine.filter(number__in=numbers).values("queue")).order_by("id").first()
values = {"assign": str(who.staff_id), "queue": (queue or Queue.objects.first()).slug, "status": "waiting_customer",
          "tag": str(tag.pk), "spam": ""}
found = {}
for action in BulkAction:
    took = {"change": [], "undo": []}
    for _ in range(ROUNDS):
        began = time.perf_counter()
        done = bulk.change(numbers, action, values[action], by=who, now=now())
        took["change"].append(time.perf_counter() - began)
        assert len(done.done) == 100, done.refused
        began = time.perf_counter()
        assert len(bulk.undo(done.undo, by=who, now=now()).done) == 100
        took["undo"].append(time.perf_counter() - began)
    found[action] = {what: [round(median(times) * 1000), round(max(times) * 1000)] for what, times in took.items()}
print(json.dumps(found))
"""

with Desk() as desk:
    load(desk, TICKETS)
    found = json.loads(desk.django(CODE.replace("ROUNDS", str(ROUNDS))).splitlines()[-1])
    print("| 100 tickets | change ms, median (worst) | undo ms, median (worst) |\n|---|---|---|")
    for action, took in found.items():
        print(f"| {action} | {took['change'][0]} ({took['change'][1]}) | {took['undo'][0]} ({took['undo'][1]}) |")
