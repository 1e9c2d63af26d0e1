"""Pages of a desk of 1,000,000 tickets with a message each, alone and while backups run; then a restore of one."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import ROOT, Desk
from load import MESSAGES, load
from timing import Page, session, web

TICKETS = 1_000_000
TURNS = 4


def measure(pages, until):
    """Asks the pages one after the other until the condition holds; milliseconds of each."""
    taken = {page.name: [] for page in pages}
    while not until():
        for page in pages:
            began = time.perf_counter()
            page.get()
            taken[page.name].append((time.perf_counter() - began) * 1000)
    return taken


def add(all_of, taken):
    for name, values in taken.items():
        all_of.setdefault(name, []).extend(values)


def p95(values):
    return statistics.quantiles(values, n=20)[-1]


with Desk() as desk, tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
    load(desk, TICKETS)
    desk.sql(MESSAGES)
    desk.sql("VACUUM (ANALYZE) tickets_message")
    agent, lead = session(desk, "bench1"), session(desk, "bench2")
    number = desk.sql("SELECT number FROM tickets_ticket WHERE NOT is_spam AND kind = 'incident' LIMIT 1")[0][0]
    with web(desk) as server:
        pages = [
            Page("the queue, an agent of two teams", server, "/desk/", f"session={agent}"),
            Page("the queue, a lead", server, "/desk/", f"session={lead}"),
            Page("a ticket, a lead", server, f"/desk/tickets/{number}/", f"session={lead}"),
        ]
        for page in pages:
            page.get()
        alone, beside, seconds = {}, {}, []
        for _ in range(TURNS):
            began = time.monotonic()
            backup = subprocess.Popen(
                [sys.executable, "manage.py", "backup", folder, "--keep=1"],
                env=desk.env,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            add(beside, measure(pages, lambda backup=backup: backup.poll() is not None))
            seconds.append(time.monotonic() - began)
            made = backup.communicate()[0].split("whole: ")[1].split("\n")[0]
            pause = time.monotonic() + seconds[-1]
            add(alone, measure(pages, lambda pause=pause: time.monotonic() > pause))
    size = sum(path.stat().st_size for path in Path(made).rglob("*") if path.is_file())
    database = desk.sql("SELECT pg_database_size(current_database())")[0][0]
    print(f"{TICKETS:,} tickets, database {database / 1e6:.0f} MB, backup {size / 1e6:.0f} MB")
    print(f"backup, pages being asked: {', '.join(f'{s:.0f}' for s in seconds)} s")
    print(f"{'page':36} {'requests':>9} {'p50':>7} {'p95':>7} | beside a backup {'p50':>7} {'p95':>7} | ratio p95")
    for name in alone:
        a, b = alone[name], beside[name]
        print(
            f"{name:36} {len(a):>9} {statistics.median(a):>7.1f} {p95(a):>7.1f} | {len(b):>15} "
            f"{statistics.median(b):>7.1f} {p95(b):>7.1f} | {p95(b) / p95(a):.2f}"
        )
    began = time.monotonic()
    elsewhere = {**desk.env, "HELPDESK_DATA_DIR": f"{folder}/restored"}
    told = subprocess.run(
        [sys.executable, "manage.py", "restore", made], env=elsewhere, cwd=ROOT, capture_output=True, text=True
    )
    print(f"restore elsewhere, verified, books recounted: {time.monotonic() - began:.0f} s, code {told.returncode}")
    print(told.stdout[-700:], told.stderr[-300:])
