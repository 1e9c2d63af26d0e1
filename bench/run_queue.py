"""The queue page at 1,000 and at 1,000,000 tickets beside the floor page and the raw keyset query (bench/floor.py)."""

import contextlib
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk
from keyset import KEYSET
from load import load
from timing import Page, Statement, floor, floor_session, in_turn, session, statements, table, web

LISTS = [
    "view=" + view
    for view in (
        "mine_and_new",
        "overdue",
        "mine",
        "unassigned",
        "waiting_customer",
        "waiting_confirmation",
        "all",
        "done",
    )
]
LISTS += [
    f"view=all&{more}"
    for more in (
        "status=open",
        "status=workaround",
        "tier=2",
        "queue=queue-7",
        "queue=queue-7&status=workaround",
        "queue=queue-7&assignee=nobody",
    )
]
LISTS += [
    "view=done&queue=queue-7",
    "view=done&assignee=nobody",
    "view=mine_and_new&tier=2",
    "view=unassigned&status=workaround",
    # Each ticket has to be looked at, 2,000 at most.
    "view=all&door=panel",
    "view=all&level=5",
    "view=done&since=2020-01-01&until=2020-02-01",
]
PEOPLE = {"bench1": "an agent of two teams", "bench2": "a lead"}
SIZES = (1_000, 1_000_000)


class Walk(Page):
    """Page after page of a list: no row was shown before."""

    def get(self):
        text = super().get()
        self.path = "/desk/" + re.search(r'href="(\?[^"]*after=[^"]*)"', text)[1].replace("&amp;", "&")
        return text


def page_statement(sent):
    return next(sql for sql in sent if "AS walked" in sql)


def work(desk, sql):
    """Blocks read and milliseconds of one statement, at its second run."""
    for _ in range(2):
        plan = desk.sql("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql)[0][0][0]
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"], plan["Execution Time"]


def later(server, key, path, pages):
    """The address so many pages further on, or the last."""
    walk = Walk("", server, path, f"session={key}")
    for _ in range(pages):
        before = walk.path
        try:
            walk.get()
        except TypeError:
            return before
    return walk.path


with contextlib.ExitStack() as stack:
    desks = {tickets: stack.enter_context(Desk()) for tickets in SIZES}
    keys, servers = {}, {}
    for tickets, desk in desks.items():
        load(desk, tickets)
        keys |= {(tickets, login): session(desk, login) for login in PEOPLE}
        servers[tickets] = stack.enter_context(web(desk))
    many = max(SIZES)
    large = desks[many]
    team = large.sql("SELECT id FROM staff_team WHERE slug = 'team-2'")[0][0]
    plain = stack.enter_context(floor(large))
    base = Page(
        "floor: sign-in, keyset query, plain template", plain, f"/page?team={team}", floor_session(large, "bench1")
    )
    warm = {
        (tickets, login): Page(
            f"{who}, {tickets:,} tickets, warm rows", servers[tickets], "/desk/", f"session={keys[tickets, login]}"
        )
        for login, who in PEOPLE.items()
        for tickets in SIZES
    }
    cold = Walk(
        f"a lead, {many:,} tickets, cold rows", servers[many], "/desk/?view=all", f"session={keys[many, 'bench2']}"
    )
    pages = [base, *warm.values(), cold]
    in_turn(pages)
    print("Pages")
    table(pages, base)
    for login, who in PEOPLE.items():
        ratio = warm[many, login].over(warm[min(SIZES), login])
        print(f"{who}: time at {many:,} over time at {min(SIZES):,}: {ratio:.2f}")

    raw = Statement("raw keyset page", large, large.cursor_text(KEYSET, team))
    sent = {login: statements(large, keys[many, login], "/desk/")[0] for login in PEOPLE}
    asked = [raw]
    for login, who in PEOPLE.items():
        prepared, sql = sent[login]
        asked.append(Statement(f"the list, {who}", large, page_statement(sql)))
        asked.append(Statement(f"all {len(sql)} statements of the page, {who}", large, *sql, prepared=prepared))
    in_turn(asked, times=50)
    print(f"\nSQL at {many:,} tickets")
    table(asked, raw)

    print("\nBlocks read by the list, then ms: first page and forty pages on, at 1,000 and at 1,000,000 tickets")
    firsts = ["/desk/?" + chosen for chosen in LISTS]
    for login, who in PEOPLE.items():
        figures = dict.fromkeys(LISTS, "")
        for tickets, desk in desks.items():
            key = keys[tickets, login]
            sent = statements(desk, key, *firsts, *(later(servers[tickets], key, path, 40) for path in firsts))
            for chosen, sql in zip(LISTS * 2, (page_statement(sql) for _, sql in sent)):
                figures[chosen] += "%8d %6.2f" % work(desk, sql)
        for chosen, words in figures.items():
            print(f"{who:22} {chosen:45} {words}", flush=True)
