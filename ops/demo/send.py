"""Write to the desk as somebody of the demo: `python -m ops.demo.send anna "Subject" "Text"`.

The mail is signed as that person's provider would sign it and handed over by SMTP.
"""

import argparse
import os
import smtplib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from channels_app.mail_keys import SELECTOR
from channels_app.mail_sign import sign
from core.clock import now
from ops.demo.zones import demo_keys
from ops.installation import data_dir, published

DESK = "support@example.com"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    signs: bool = True

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


CAST = {
    "anna": Person("Анна Смирнова", "anna@hosting-client.example"),
    "boris": Person("Boris Brown", "boris@other-client.example"),
    "agent1": Person("Agent One", "agent1@staff.example"),
    "stranger": Person("Sam Stranger", "sam@bare.example", signs=False),
    "mallory": Person("Mallory", "mallory@elsewhere.example", signs=False),
}


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


def build(
    who: Person,
    *,
    subject: str,
    text: str,
    html: str = "",
    to: str = DESK,
    files: Sequence[File] = (),
    in_reply_to: str = "",
    references: Sequence[str] = (),
    shown_as: str = "",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """An unsigned mail. `shown_as` puts another address into From, as a forger would; ids go without brackets."""
    message = EmailMessage()
    message["From"] = Address(who.name, addr_spec=shown_as or who.email)
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=who.domain)
    if in_reply_to:
        message["In-Reply-To"] = f"<{in_reply_to}>"
        message["References"] = " ".join(f"<{each}>" for each in references or (in_reply_to,))
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for file in files:
        kind, _, subkind = file.content_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subkind, filename=file.name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def submit(raw: bytes, *, mail_from: str, to: str = DESK, host: str = "127.0.0.1", port: int) -> None:
    with smtplib.SMTP(host, port, local_hostname="mail.hosting-client.example", timeout=30) as server:
        server.sendmail(mail_from, [to], raw, mail_options=["BODY=8BITMIME"])


def signed(raw: bytes, who: Person, keys: Mapping[str, str]) -> bytes:
    """As the provider of `who` sends it: those without a key of their own send unsigned."""
    if not who.signs:
        return raw
    return sign(raw, domain=who.domain, selector=SELECTOR, private_key_pem=keys[who.domain], at=now())


def send(
    who: str,
    *,
    subject: str,
    text: str,
    keys: Mapping[str, str],
    port: int,
    host: str = "127.0.0.1",
    to: str = DESK,
    html: str = "",
    files: Sequence[File] = (),
    in_reply_to: str = "",
    references: Sequence[str] = (),
    shown_as: str = "",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Writes to the desk as somebody of the `CAST` and returns the bytes that went out."""
    person = CAST[who]
    raw = build(
        person,
        subject=subject,
        text=text,
        html=html,
        to=to,
        files=files,
        in_reply_to=in_reply_to,
        references=references,
        shown_as=shown_as,
        headers=headers,
    )
    raw = signed(raw, person, keys)
    submit(raw, mail_from=person.email, to=to, host=host, port=port)
    return raw


def _port_of_the_desk() -> int:
    name = "HELPDESK_SMTP_PORT"
    return int(os.environ.get(name) or published().get(name) or 2525)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.demo.send", description=__doc__)
    parser.add_argument("who", choices=sorted(CAST))
    parser.add_argument("subject")
    parser.add_argument("text", help="the words, or - to read them from standard input")
    parser.add_argument("--to", default=DESK)
    parser.add_argument("--port", type=int, default=_port_of_the_desk())
    parser.add_argument("--data-dir", type=Path, default=data_dir())
    parser.add_argument("--shown-as", default="", help="forge this address into From")
    parser.add_argument("--in-reply-to", default="", help="Message-ID without brackets")
    parser.add_argument("--file", action="append", default=[], type=Path)
    chosen = parser.parse_args(arguments)
    send(
        chosen.who,
        subject=chosen.subject,
        text=sys.stdin.read() if chosen.text == "-" else chosen.text,
        keys=demo_keys(chosen.data_dir),
        port=chosen.port,
        to=chosen.to,
        shown_as=chosen.shown_as,
        in_reply_to=chosen.in_reply_to,
        files=[File(path.name, "application/octet-stream", path.read_bytes()) for path in chosen.file],
    )


if __name__ == "__main__":
    main()
