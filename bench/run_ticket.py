"""The page of a ticket with 30 messages and with 300 beside the floor page with sign-in, in a desk of 100,000 tickets."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk
from load import conversation, load
from timing import Page, Statement, floor, floor_session, in_turn, session, statements, table, web

TICKETS = 100_000
PEOPLE = {"bench1": "an agent", "bench2": "a lead"}
LENGTHS = (30, 300)

with Desk() as desk:
    load(desk, TICKETS)
    numbers = {messages: conversation(desk, "bench1", messages) for messages in LENGTHS}
    keys = {login: session(desk, login) for login in PEOPLE}
    with web(desk) as server, floor(desk) as plain:
        base = Page("floor: sign-in, plain template of fifty rows", plain, "/auth", floor_session(desk, "bench1"))
        pages = [base]
        for login, who in PEOPLE.items():
            for messages, number in numbers.items():
                pages.append(
                    Page(f"{messages} messages, {who}", server, f"/desk/tickets/{number}/", f"session={keys[login]}")
                )
        in_turn(pages)
        table(pages, base)
    asked = []
    for login, who in PEOPLE.items():
        sent = statements(desk, keys[login], *(f"/desk/tickets/{number}/" for number in numbers.values()))
        for messages, (prepared, sql) in zip(LENGTHS, sent):
            name = f"{len(sql)} statements of {messages} messages, {who}"
            asked.append(Statement(name, desk, *sql, prepared=prepared))
    in_turn(asked)
    table(asked, asked[0])
