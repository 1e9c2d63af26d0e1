"""1,000 mails (mailgen, seed 1) through the SMTP door over eight connections, beside the parse rate of the standard library."""

import email
import queue
import smtplib
import statistics
import sys
import threading
import time
from email.utils import parseaddr
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk
from limits_email import full
from mailgen import generate

COUNT = 1000
mails = [raw for _, raw in generate(COUNT, 1)]
senders = {m["Message-ID"]: parseaddr(m["From"])[1] for m in map(email.message_from_bytes, mails)}
answers = [m for m in map(email.message_from_bytes, mails) if m["In-Reply-To"]]
own = sum(senders[m["In-Reply-To"]] == parseaddr(m["From"])[1] for m in answers)
began = time.process_time()
for raw in mails:
    full(raw)
limit = COUNT / (time.process_time() - began)

with Desk() as desk:
    before = desk.sql("SELECT count(*) FROM channels_app_rawmessage")[0][0]
    # idle latency of the automatic reply: ten letters one by one
    idle = []
    for n in range(10):
        with smtplib.SMTP("127.0.0.1", desk.smtp) as smtp:
            mark = f"idle{n}.{time.time_ns()}@customer.example"
            smtp.sendmail(
                mark,
                ["support@example.com"],
                f"From: {mark}\r\nTo: support@example.com\r\nSubject: idle\r\nMessage-ID: <{mark}>\r\n\r\nhello\r\n".encode(),
            )
        at = time.monotonic()
        while not desk.sql("SELECT 1 FROM tickets_outboundcopy WHERE email = %s AND status = 'sent'", mark):
            time.sleep(0.01)
            if time.monotonic() - at > 30:
                break
        idle.append(time.monotonic() - at)
    todo = queue.Queue()
    for raw in mails:
        todo.put(raw)

    def send():
        with smtplib.SMTP("127.0.0.1", desk.smtp) as smtp:
            while True:
                try:
                    raw = todo.get_nowait()
                except queue.Empty:
                    return
                smtp.sendmail("load@customer.example", ["support@example.com"], raw)

    start = time.monotonic()
    threads = [threading.Thread(target=send) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    accepted = time.monotonic() - start
    while desk.sql("SELECT count(*) FROM channels_app_rawmessage WHERE state IN ('received', 'parsing')")[0][0]:
        time.sleep(0.1)
        if time.monotonic() - start > 300:
            break
    filed = time.monotonic() - start
    while desk.sql("SELECT count(*) FROM events_delivery WHERE state IN ('pending', 'leased')")[0][0]:
        time.sleep(0.1)
        if time.monotonic() - start > 300:
            break
    answered = time.monotonic() - start
    states = dict(desk.sql("SELECT state, count(*) FROM channels_app_rawmessage GROUP BY state"))
    kept = desk.sql("SELECT count(*) FROM channels_app_rawmessage")[0][0] - before - 10
    held = desk.sql("SELECT count(*) FROM tickets_message WHERE held <> ''")[0][0]
    joined = desk.sql(
        "SELECT count(*) FROM tickets_message m WHERE direction = 'in' AND held = '' AND EXISTS (SELECT 1 FROM tickets_message e WHERE e.ticket_id = m.ticket_id AND e.id < m.id AND e.direction = 'in')"
    )[0][0]
    p50, p99, worst = desk.sql("""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took), percentile_cont(0.99) WITHIN GROUP (ORDER BY took),
               max(took)
          FROM (SELECT extract(epoch FROM copy.finished_at - raw.received_at)::float AS took
                  FROM tickets_outboundcopy copy
                  JOIN tickets_message m ON m.id = copy.message_id
                  JOIN (SELECT ticket_id, min(received_at) AS received_at FROM channels_app_rawmessage
                         GROUP BY ticket_id) raw ON raw.ticket_id = m.ticket_id
                 WHERE m.author = 'system' AND copy.email NOT LIKE 'idle%%') AS answers""")[0]
    print(
        f"limit: standard library, policy.default: {limit:.0f} mails/s a core (CPU time); twice that: {2 * limit:.0f}"
    )
    print(
        f"accepted {COUNT / accepted:.0f} mails/s, filed {COUNT / filed:.0f} mails/s = {COUNT / filed / (2 * limit):.0%} of the limit; last answer after {answered:.0f} s"
    )
    print(
        f"lost {COUNT - kept}, states {states}, joined {joined} of {own} from the writer himself, held {held} of {len(answers) - own} from strangers"
    )
    print(f"automatic reply while all arrive: p50 {p50:.1f} s, p99 {p99:.1f} s, last {worst:.1f} s")
    print(f"automatic reply when idle: p50 {statistics.median(idle):.2f} s, worst {max(idle):.2f} s")
