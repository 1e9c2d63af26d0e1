"""Tickets opened through the API beside the raw rate of commits, and the list of fifty at a million tickets."""

import collections
import contextlib
import http.client
import json
import random
import statistics
import sys
import threading
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import os

from calib import calibration
from desk import Desk
from limits_pg import commits
from load import load
from stackmem import tree
from timing import Page, floor, floor_session, in_turn, table, web

TICKETS = 1_000_000
CLIENTS = (8, 32)
ROUNDS, SECONDS = 5, 6
TOKEN = """
from users import api_tokens
from core.clock import now
print(api_tokens.make("bench", list(api_tokens.Scope), per_minute=60000, expires_at=None, by="system", now=now()).reveal())
"""
CUSTOMERS = 50
PEOPLE = {}
for n in range(CUSTOMERS):
    PEOPLE[f"/api/v1/accounts/bench-{n}/"] = {"kind": "organisation", "name": f"Bench {n}", "login": f"bench-{n}"}
    PEOPLE[f"/api/v1/contacts/bench-{n}/"] = {
        "given_name": f"Анна {n}",
        "roles": [{"account": f"bench-{n}", "role": "owner"}],
        "emails": [f"anna{n}@hosting-client.example"],
    }
BODY = {
    "claims": {"signed_in_at": "2026-11-25T10:00:00Z", "second_factor": "none"},
    "subject": "Не работает личный кабинет, прошу помочь с заказом",
    "text": "Здравствуйте, не могу войти в личный кабинет после обновления приложения. " * 8,
}
HEADERS = {"Content-Type": "application/json", "Host": "localhost"}


def send(connection, method, path, body, token):
    headers = {**HEADERS, "Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    connection.request(method, path, json.dumps(body).encode(), headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")


def opened(port, tokens, clients, seconds):
    """Accepted tickets a second, and how long each took in ms."""
    taken, until = [], time.perf_counter() + seconds

    def client(token):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < until:
            began = time.perf_counter()
            body = BODY | {"contact": f"bench-{random.randrange(CUSTOMERS)}"}
            send(connection, "POST", "/api/v1/tickets/", body, token)
            taken.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    threads = [threading.Thread(target=client, args=(tokens[n % len(tokens)],)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken) / (time.perf_counter() - began), taken


def spent(desk):
    """CPU time in ms of the desk's processes so far, by their names."""
    found = collections.Counter()
    for pid in tree([desk.process.pid]):
        with contextlib.suppress(OSError):
            name = Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("hd-").partition("-")[0]
            told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            found[name] += (int(told[11]) + int(told[12])) * 1000 / os.sysconf("SC_CLK_TCK")
    return found


class Listed(Page):
    def __init__(self, name, server, path, token):
        super().__init__(name, server, path, "")
        self.headers["Authorization"] = f"Bearer {token}"


with contextlib.ExitStack() as stack:
    desk = stack.enter_context(Desk())
    tokens = [desk.django(TOKEN).split()[-1] for _ in range(4)]
    first = http.client.HTTPConnection("127.0.0.1", desk.http)
    for path, body in PEOPLE.items():
        send(first, "PUT", path, body, tokens[0])
    load(desk, TICKETS)
    desk.sql(
        "UPDATE tickets_ticket SET account_id = account.id, contact_id = contact.id"
        "  FROM customers_account AS account, customers_contact AS contact"
        " WHERE tickets_ticket.id % 1000 = 7 AND account.login = 'bench-0'"
        "   AND contact.external_id = 'bench-' || (tickets_ticket.id / 1000 % 2)"
    )
    desk.sql("ANALYZE tickets_ticket")
    print(f"opening, {ROUNDS} rounds of {SECONDS} s each in turn; {calibration()}; load {os.getloadavg()[0]:.1f}")
    opened(desk.http, tokens, 8, 3)
    for clients in CLIENTS:
        rates, raws, times, cpu = [], [], [], collections.Counter()
        for _ in range(ROUNDS):
            desk.rest()
            raws.append(commits(desk, clients, SECONDS))
            before = spent(desk)
            rate, taken = opened(desk.http, tokens, clients, SECONDS)
            cpu += spent(desk) - before
            rates.append(rate)
            times += taken
        times.sort()
        at = {p: times[int(len(times) * p / 100)] for p in (50, 95, 99)}
        shares = [rate / raw for rate, raw in zip(rates, raws)]
        print(
            f"{clients:2} clients: {statistics.median(rates):6.1f} tickets/s ({min(rates):.0f}-{max(rates):.0f}), raw "
            f"{statistics.median(raws):6.0f} commits/s ({min(raws):.0f}-{max(raws):.0f}), share "
            f"{statistics.median(shares):.1%}; ms p50 {at[50]:.0f} p95 {at[95]:.0f} p99 {at[99]:.0f}; {len(times)} tickets",
            flush=True,
        )
        print("   CPU ms a ticket: " + ", ".join(f"{name} {ms / len(times):.1f}" for name, ms in cpu.most_common(6)))
    desk.rest()
    team = desk.sql("SELECT id FROM staff_team WHERE slug = 'team-2'")[0][0]
    server, plain = stack.enter_context(web(desk)), stack.enter_context(floor(desk))
    base = Page(
        "floor: sign-in, keyset query, plain template", plain, f"/page?team={team}", floor_session(desk, "bench1")
    )
    pages = [base]
    for name, path in (
        ("fifty of all", "/api/v1/tickets/"),
        ("fifty of an account", "/api/v1/tickets/?account=bench-0"),
        ("fifty as a contact sees them", "/api/v1/tickets/?contact=bench-0"),
    ):
        pages.append(Listed(f"{name}, {TICKETS:,} tickets", server, path, tokens[0]))
    in_turn(pages)
    table(pages, base)
