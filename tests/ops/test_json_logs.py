"""A desk that writes its log for programs, and writes nothing of what people wrote."""

import contextlib
import json
import smtplib
from pathlib import Path
from urllib.error import HTTPError

from tests.ops.running import until
from tests.ops.whole_desk import Visitor, ready_desk, seeded, wait_for_silence

# Nothing of these may stand in any line.
SECRETS = ("zebulon", "quixotic", "xylophon", "marzipan", "kaleidoscope", "wallaby")
MAIL = """\
From: "Quixotic Person" <zebulon@bare.example>
To: support@example.com
Subject: My xylophon is broken
Message-ID: <marzipan@bare.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

kaleidoscope
--x
Content-Type: text/plain
Content-Disposition: attachment; filename="wallaby.txt"

wallaby
--x--
""".replace("\n", "\r\n")


def test_every_line_is_an_object_a_mail_can_be_followed_and_no_line_holds_what_it_says(tmp_path: Path) -> None:
    with ready_desk(seeded(tmp_path), HELPDESK_LOG="json", EMAIL_URL="smtp://127.0.0.1:9") as desk:
        door = smtplib.SMTP("127.0.0.1", desk.smtp_port, "sender.example")
        door.sendmail("zebulon@bare.example", ["support@example.com"], MAIL)
        desk.wait_for_ticket("My xylophon is broken")
        door.sendmail("zebulon@bare.example", ["support@example.com"], b"\x00\xff zebulon xylophon\r\n")
        agent = Visitor(desk)
        with contextlib.suppress(HTTPError):
            page = agent.get("/desk/login/")[1]
            agent.fill_in(page, "/desk/login/", login="zebulon@bare.example", password="marzipan")
        agent.sign_in()
        agent.get("/desk/?queue=kaleidoscope")
        desk.execute("DROP TABLE tickets_draft CASCADE")  # a page that breaks while it holds the letter
        ((number,),) = desk.ask("SELECT number FROM tickets_ticket WHERE subject LIKE '%%xylophon%%'")
        with contextlib.suppress(HTTPError):
            agent.get(f"/desk/tickets/{number}/")
        until(lambda: "Internal Server Error" in desk.running.text, explain=lambda: desk.running.text)
        until(lambda: desk.ask("SELECT 1 FROM events_delivery WHERE attempts > 0"))
        wait_for_silence(desk)
        desk.running.interrupt()
        assert desk.running.wait() == 0
        lines = desk.running.text.splitlines()

    told = [json.loads(line) for line in lines]
    assert all({"ts", "level", "process", "event"} <= line.keys() for line in told)
    assert {"helpdesk", "postgres", "prepare", "worker", "smtp"} <= {line["process"] for line in told}
    (accepted, *_) = [line for line in told if line.get("mail") == "accepted"]
    assert accepted["process"] == "smtp"
    (filed,) = [line for line in told if line.get("mail") == "opened" and line["raw"] == accepted["raw"]]
    assert filed["process"] == "worker"
    assert filed["ticket"] == number
    assert any(line.get("letter") for line in told)
    assert [line for line in told if line["level"] == "error" and "ProgrammingError" in line.get("traceback", "")]
    text = "\n".join(lines).lower()
    assert [secret for secret in SECRETS if secret in text] == []
