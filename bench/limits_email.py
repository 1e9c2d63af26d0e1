"""Parse rate of the Python standard library for a folder of mails:  python limits_email.py DIR [--runs 3]

'compat' = email.message_from_bytes; 'default' = policy.default + body text + decoding of every attachment + headers.
"""

import argparse
import email
import email.policy
import glob
import os
import statistics
import time


def full(raw):
    m = email.message_from_bytes(raw, policy=email.policy.default)
    h = [m["subject"], m["from"], m["to"], m["message-id"], m["in-reply-to"], m["references"], m["date"]]
    b = m.get_body(("plain", "html"))
    text = b.get_content() if b is not None else ""
    return h, text, [(a.get_filename(), a.get_payload(decode=True)) for a in m.iter_attachments()]


def compat(raw):
    m = email.message_from_bytes(raw)
    return [p.get_payload(decode=True) for p in m.walk() if not p.is_multipart()]


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("dir")
    p.add_argument("--runs", type=int, default=3)
    a = p.parse_args()
    raws = [open(f, "rb").read() for f in sorted(glob.glob(os.path.join(a.dir, "*")))]
    mb = sum(map(len, raws)) / 1e6
    for name, fn in (("compat parse + decode", compat), ("default policy, body + attachments + headers", full)):
        rates = []
        for _ in range(a.runs):
            t = time.process_time()
            for r in raws:
                fn(r)
            rates.append(len(raws) / (time.process_time() - t))
        print(
            f"{name}: {statistics.median(rates):.0f} mails/s ({min(rates):.0f}..{max(rates):.0f}, {a.runs} runs), {statistics.median(rates) * mb / len(raws):.0f} MB/s, per core (CPU time)"
        )
