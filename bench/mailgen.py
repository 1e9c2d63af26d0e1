"""Deterministic generator of realistic helpdesk mails.

  python mailgen.py --n 1000 --seed 1 --out DIR [--mbox FILE] [--to support@example.com] [--run SALT]

Mix: 40 % plain, 35 % multipart/alternative, 25 % with 1-3 attachments of 20-200 kB.
Charsets: utf-8, koi8-r, windows-1251 (Russian); utf-8, us-ascii, iso-8859-1 (English).
20 % are replies (In-Reply-To/References to an earlier mail of the folder, quoted text below): nine in ten from the same
sender as the mail they answer, one in ten from a stranger. Another --run gives other Message-IDs, so that a second run is no duplicate;
names of attachments are RFC 2231 / RFC 2047 Russian, some HTML mails carry an inline image.
"""

import argparse
import base64
import os
import random
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr

from corpus import Text

NAMES = [
    ("Иван Петров", "ivan.petrov"),
    ("Анна Смирнова", "anna.s"),
    ("Ольга Кузнецова", "o.kuznetsova"),
    ("John Smith", "john.smith"),
    ("Mary O'Neil", "mary"),
    ("Сергей Ёлкин", "elkin"),
    ("Kate Brown", "kate.b"),
]


def _b64(data, width=76):
    s = base64.b64encode(data).decode()
    return "\r\n".join(s[i : i + width] for i in range(0, len(s), width))


def _qp(text, cs):
    import quopri

    return (
        quopri.encodestring(text.encode(cs, "replace").replace(b"\n", b"\r\n"), quotetabs=False)
        .decode("ascii")
        .replace("\r\n", "\n")
        .replace("\n", "\r\n")
    )


def _text_part(text, cs, enc, subtype="plain"):
    if enc == "base64":
        body = _b64(text.replace("\n", "\r\n").encode(cs, "replace"))
    elif enc == "quoted-printable":
        body = _qp(text, cs)
    else:  # 8bit
        body = text.replace("\n", "\r\n").encode(cs, "replace").decode("latin-1")
    return (f'Content-Type: text/{subtype}; charset="{cs}"\r\nContent-Transfer-Encoding: {enc}\r\n', body)


def generate(n, seed=1, to="support@example.com", run=""):
    """Yields (name, bytes)."""
    r = random.Random(seed)
    t = Text(seed)
    t0 = datetime(2026, 9, 1, 8, tzinfo=UTC)
    ids = []
    for i in range(n):
        lang = t.lang()
        cs = (
            r.choice(["utf-8", "koi8-r", "windows-1251", "utf-8"])
            if lang == "ru"
            else r.choice(["utf-8", "us-ascii", "iso-8859-1"])
        )
        enc = r.choice(["base64", "8bit", "quoted-printable"]) if cs != "us-ascii" else "7bit"
        name, local = r.choice(NAMES)
        if not name.isascii() and cs in ("us-ascii", "iso-8859-1"):
            name, local = NAMES[3]
        subj = t.line(lang, r.randint(3, 9))
        mid = f"<{run}{seed}.{i}.{r.getrandbits(48):x}@customer.example>"
        reply = ids[r.randrange(len(ids))] if ids and r.random() < 0.20 else None
        if reply and r.random() < 0.90:
            name, addr = reply[3]
            if not name.isascii() and cs in ("us-ascii", "iso-8859-1"):
                cs, enc = "utf-8", "base64"
        else:
            addr = f"{local}.{r.randrange(max(20, n // 4))}@customer{r.randrange(40)}.example"
        body = t.paragraphs(lang, r.choice([25, 40, 60, 90, 150, 300]))
        if reply:
            subj = "Re: " + reply[1]
            body += f"\n\n> {reply[2][:400]}".replace("\n", "\n> ")
        body += "\n\n--\n" + name + "\n+7 495 000-00-%02d\n" % (i % 100)
        hcs = "koi8-r" if cs == "koi8-r" and not reply else "utf-8"
        h = [
            f"Return-Path: <{addr}>",
            f"Received: from mx.customer.example ([127.0.0.1]) by mail.example.test with ESMTP id {i:08x}; "
            + format_datetime(t0 + timedelta(seconds=37 * i)),
            "From: " + formataddr((Header(name, hcs).encode(), addr))
            if not name.isascii()
            else f"From: {formataddr((name, addr))}",
            f"To: {to}",
            "Subject: " + Header(subj, hcs, header_name="Subject").encode(linesep="\r\n"),
            "Date: " + format_datetime(t0 + timedelta(seconds=37 * i)),
            f"Message-ID: {mid}",
            "MIME-Version: 1.0",
            "X-Mailer: " + r.choice(["The Bat! 10.5", "Microsoft Outlook 16.0", "Apple Mail (2.3774)", "Thunderbird"]),
        ]
        if r.random() < 0.1:
            h.append(f"Cc: boss@customer{r.randrange(40)}.example")
        if reply:
            h += [f"In-Reply-To: {reply[0]}", f"References: {reply[0]}"]
        kind = r.random()
        hd, bd = _text_part(body, cs, enc)
        if kind >= 0.40:
            html = (
                '<html><body><div style="font-family:Arial">'
                + "".join(f"<p>{p}</p>" for p in body.split("\n"))
                + "</div></body></html>"
            )
            hh, hb = _text_part(html, cs, enc, "html")
            b = f"=_alt_{i:06d}"
            alt_h = f'Content-Type: multipart/alternative; boundary="{b}"\r\n'
            alt_b = f"--{b}\r\n{hd}\r\n{bd}\r\n--{b}\r\n{hh}\r\n{hb}\r\n--{b}--\r\n"
            hd, bd = alt_h, alt_b
        if kind >= 0.75:
            b = f"=_mix_{i:06d}"
            parts = [f"--{b}\r\n{hd}\r\n{bd}\r\n"]
            for k in range(r.choice([1, 1, 1, 2, 3])):
                size = int(20_000 * 10 ** r.random())  # log-uniform 20..200 kB
                fn, ct = r.choice(
                    [
                        ("Скриншот экрана %d.png", "image/png"),
                        ("договор №%d.pdf", "application/pdf"),
                        ("log-%d.txt", "text/plain"),
                        ("report %d.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                    ]
                )
                fn %= i * 10 + k
                magic = {"image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF-1.4\n"}.get(ct, b"")
                data = (
                    magic + r.randbytes(size - len(magic))
                    if ct != "text/plain"
                    else (t.paragraphs("en", 200) * (size // 1400 + 1))[:size].encode()
                )
                from urllib.parse import quote

                parts.append(
                    f'--{b}\r\nContent-Type: {ct}; name="{Header(fn, "utf-8", maxlinelen=1000).encode()}"\r\n'
                    f"Content-Disposition: attachment; filename*=utf-8''{quote(fn)}\r\n"
                    f"Content-Transfer-Encoding: base64\r\n\r\n{_b64(data)}\r\n"
                )
            hd, bd = f'Content-Type: multipart/mixed; boundary="{b}"\r\n', "".join(parts) + f"--{b}--\r\n"
        raw = ("\r\n".join(h) + "\r\n" + hd + "\r\n" + bd + ("\r\n" if not bd.endswith("\r\n") else "")).encode(
            "latin-1"
        )
        if len(ids) < 5000:
            ids.append((mid, subj.removeprefix("Re: "), body, (name, addr)))
        yield f"{i:06d}.eml", raw


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--n", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", required=True)
    p.add_argument("--mbox", help="also write one mbox file")
    p.add_argument("--to", default="support@example.com")
    p.add_argument("--run", default="", help="salt of the Message-IDs")
    p.add_argument("--lf", action="store_true", help="LF line ends (as a Unix MDA hands over)")
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    mbox = open(a.mbox, "wb") if a.mbox else None
    total = 0
    for name, raw in generate(a.n, a.seed, a.to, a.run):
        if a.lf:
            raw = raw.replace(b"\r\n", b"\n")
        total += len(raw)
        with open(os.path.join(a.out, name), "wb") as f:
            f.write(raw)
        if mbox:
            mbox.write(
                b"From bench@localhost Tue Sep  1 08:00:00 2026\n"
                + raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
                + b"\n"
            )
    print(f"{a.n} mails, {total / 1e6:.1f} MB, mean {total / a.n / 1e3:.1f} kB")
