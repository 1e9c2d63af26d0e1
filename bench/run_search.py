"""Search over 1,000,000 messages: rare, common and 1,000 random words, beside the right plan forced by hand; the
palette's fragment beside the floor page.
"""

import contextlib
import io
import itertools
import json
import random
import statistics
import sys
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk
from load import load
from timing import Page, calibration, floor, floor_session, in_turn, session, table, web

TICKETS, MESSAGES, LENGTH = 500_000, 1_000_000, 56
WORDS = 60_000
COMMON, RARE = "обращение", [f"редкость{letter}" for letter in "абвгдежзик"]
SYLLABLES = ["ба", "во", "ги", "де", "жу", "за", "ки", "ло", "мы", "не", "по", "ра", "си", "ту", "фа", "хо", "це", "чи"]
LATIN = ["ba", "co", "di", "fe", "gu", "ha", "ki", "lo", "my", "ne", "po", "ra", "si", "tu", "va", "wo", "xe", "zi"]
COLUMNS = """public_id, ticket_id, direction, author, nature, held, level, reasons, facts, sender_email, sender_name,
    sender_literal, recipients, subject, text, quoted_text, html, remarks, message_id, "references", raw_id, created_at"""

MEASURE = """
import json, time
from django.db import connection
from core.clock import now
from staff.models import StaffProfile
from tickets.queries import search
actor = StaffProfile.objects.get(user__login={login!r}).actor()
spent = []
def clock(execute, *arguments):
    began = time.perf_counter()
    try:
        return execute(*arguments)
    finally:
        spent.append((time.perf_counter() - began) * 1000)
out = {{}}
for name, words in json.load(open({words!r})).items():
    out[name] = []
    for _ in range(2):
        taken = []
        for word in words:
            spent.clear()
            with connection.execute_wrapper(clock):
                found = search(actor, word, now=now())
            taken.append((sum(spent), len(spent), len(found.rows), word))
        out[name] = taken
print(json.dumps(out))
"""


def vocabulary(dice):
    """Words as frequent as in a language: few stand in many texts, most in few. 65 % are Russian."""
    words = set()
    while len(words) < WORDS:
        parts = SYLLABLES if len(words) < WORDS * 0.65 else LATIN
        words.add("".join(dice.choices(parts, k=dice.randrange(2, 6))))
    words = sorted(words)
    dice.shuffle(words)
    return words, [1 / (place + 20) for place in range(len(words))]


def fill(desk):
    dice = random.Random(11)
    words, weights = vocabulary(dice)
    rank = list(itertools.accumulate(weights))
    first = desk.sql("SELECT min(id) FROM tickets_ticket WHERE number LIKE '5%'")[0][0]
    desk.sql("ALTER TABLE tickets_message DISABLE TRIGGER USER")
    for part in range(0, MESSAGES, 50_000):
        lines = io.StringIO()
        for place in range(part, part + 50_000):
            text = dice.choices(words, cum_weights=rank, k=LENGTH)
            if dice.random() < 1 / 3:
                text[7] = COMMON
            if place % 20_000 == 19_999:
                text[9] = RARE[place // 20_000 % len(RARE)]
            who = place % 200_000
            lines.write(
                f"{first + place % TICKETS}\tin\trequester\tperson\t\t1\t[]\t[]\tclient{who}@customer.example\tКлиент {who}\t\t{{}}"
                f"\t{text[0]} {text[1]}\t{' '.join(text)}\t\t\t[]\tbench.{place}\t[]\t\t{place}\n"
            )
        lines.seek(0)
        with desk.db.cursor() as cursor:
            kept = COLUMNS.replace("public_id, ", "").replace("created_at", "").rstrip(", \n")
            cursor.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS came AS SELECT {kept}, 0 AS place FROM tickets_message LIMIT 0"
            )
            cursor.execute("TRUNCATE came")
            given = COLUMNS.replace("public_id, ", "").replace("created_at", "place")
            cursor.copy_expert(f"COPY came ({given}) FROM STDIN", lines)
            cursor.execute(
                f"INSERT INTO tickets_message (public_id, {kept}, created_at) SELECT gen_random_uuid(), {kept}, "
                f"now() - ({MESSAGES} - place) * interval '10 s' FROM came ORDER BY place"
            )
    desk.sql("ALTER TABLE tickets_message ENABLE TRIGGER USER")
    # The chore would take hours of quarter seconds; the same statement does it here in large bites.
    desk.sql("DROP INDEX tickets_entry_words")
    desk.sql(
        "INSERT INTO tickets_toindex (message_id) SELECT id FROM tickets_message WHERE message_id LIKE 'bench.%' ORDER BY id"
    )
    desk.django("from tickets.services import search; search.BATCH = 20000; search.index_all()")
    desk.sql("CREATE INDEX tickets_entry_words ON tickets_searchentry USING gin (words) WITH (fastupdate = off)")
    for name in ("tickets_message", "tickets_searchentry", "tickets_searchword", "tickets_ticket"):
        desk.sql(f"VACUUM (ANALYZE) {name}")
    return words


def raw(desk, word, by):
    """The right plan for this word, forced: its newest 25 texts. Milliseconds at the fifth run."""
    off = {"index": "enable_indexscan", "time": "enable_bitmapscan"}[by]
    desk.sql(f"SET {off} = off")
    try:
        query = "SELECT id FROM tickets_searchentry WHERE words @@ to_tsquery('russian', %s) ORDER BY at DESC, id DESC LIMIT 25"
        for _ in range(5):
            plan = desk.sql("EXPLAIN (ANALYZE, FORMAT JSON) " + query, word)[0][0][0]
        return plan["Execution Time"] + plan["Planning Time"]
    finally:
        desk.sql(f"RESET {off}")


def told(name, taken):
    every = sorted(one[0] for one in taken)
    worst = max(taken)
    print(
        f"{name:46} p50 {every[len(every) // 2]:6.2f}  p95 {every[int(len(every) * 0.95)]:6.2f}  worst {worst[0]:6.2f} ms "
        f"({worst[3]}, {worst[1]} statements, {worst[2]} tickets)",
        flush=True,
    )


with contextlib.ExitStack() as stack:
    desk = stack.enter_context(Desk())
    load(desk, TICKETS)
    words = fill(desk)
    dice = random.Random(5)
    stems = dict(desk.sql("SELECT word, texts FROM tickets_searchword"))
    asked = {
        "rare: some five texts of a million": RARE * 5,
        "common: a third of all texts": [COMMON] * 50,
        "1,000 random words": dice.sample(words, 1_000),
        "1,000 pairs of random words": [" ".join(dice.sample(words, 2)) for _ in range(1_000)],
        "an address": [f"client{n}@customer.example" for n in range(50)],
        "a word with a typo": [
            word[:-2] + "ъ" + word[-1] for word in dice.sample([w for w in words if len(w) > 7], 50)
        ],
    }
    print(
        f"{desk.sql('SELECT count(*) FROM tickets_searchentry')[0][0]:,} texts, {len(stems):,} stems; {calibration()}"
    )
    asked_file = desk.folder / "asked.json"
    asked_file.write_text(json.dumps(asked))
    print("SQL of one search, all its statements")
    for login, who in (("bench2", "a lead"), ("bench1", "an agent of two teams")):
        found = desk.django(MEASURE.format(login=login, words=str(asked_file))).splitlines()[-1]
        for name, taken in json.loads(found).items():
            told(f"{who}: {name}", taken)
    print(
        f"right plan forced, rare by the index: {statistics.median(raw(desk, word, 'index') for word in RARE):.2f} ms"
    )
    print(f"right plan forced, common by time: {raw(desk, COMMON, 'time'):.2f} ms")

    server, plain = stack.enter_context(web(desk)), stack.enter_context(floor(desk))
    team = desk.sql("SELECT id FROM staff_team WHERE slug = 'team-2'")[0][0]
    base = Page(
        "floor: sign-in, keyset query, plain template", plain, f"/page?team={team}", floor_session(desk, "bench1")
    )
    cookie = f"session={session(desk, 'bench2')}"
    pages = [base]
    for name, typed in (("rare word", RARE[0]), ("common word", COMMON), ("address", "client7@customer.example")):
        page = Page(f"palette, {name}", server, "/desk/search/?q=" + quote(typed), cookie)
        page.headers["X-Region"] = "options"
        pages.append(page)
    in_turn(pages)
    table(pages, base)
