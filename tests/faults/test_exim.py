"""What the desk did not take, a real sender keeps and brings again; it arrives once."""

import asyncio
from pathlib import Path

import pytest

from tests.faults import exim
from tests.ops.running import until
from tests.ops.whole_desk import KIM, SUPPORT, Desk, letter, ports, ready_desk, wait_for_silence

pytestmark = [pytest.mark.faults, pytest.mark.peer("exim4")]


def arrived_once(desk: Desk, sender: exim.Exim, subject: str) -> None:
    until(lambda: not sender.queue(), 60, explain=lambda: (sender.log, desk.running.text))
    desk.wait_for_ticket(subject)
    wait_for_silence(desk)
    assert desk.ask("SELECT count(*) FROM channels_app_rawmessage WHERE envelope_from = %s", KIM) == [(1,)]
    assert desk.tickets(subject) == 1


def test_a_mail_to_a_desk_that_is_down_waits_in_the_sender_s_queue(tmp_path: Path) -> None:
    chosen = ports()
    with exim.running(next_port=int(chosen["HELPDESK_SMTP_PORT"])) as sender:
        sender.send(KIM, SUPPORT, letter("While you were down"))
        until(lambda: "Connection refused" in sender.log, explain=lambda: sender.log)
        assert len(sender.queue()) == 1
        with ready_desk(tmp_path, **chosen) as desk:
            arrived_once(desk, sender, "While you were down")


def test_a_mail_answered_with_451_comes_again(tmp_path: Path) -> None:
    with ready_desk(tmp_path) as desk, exim.running(next_port=desk.smtp_port) as sender:
        desk.execute("ALTER TABLE channels_app_rawmessage ADD CONSTRAINT not_now CHECK (size_bytes < 0) NOT VALID")
        sender.send(KIM, SUPPORT, letter("Not now"))
        until(lambda: "451 4.3.0" in sender.log, explain=lambda: sender.log)
        assert len(sender.queue()) == 1
        desk.execute("ALTER TABLE channels_app_rawmessage DROP CONSTRAINT not_now")
        arrived_once(desk, sender, "Not now")


class LosesFirstYes:
    """A wire to the desk that breaks under the answer to the first whole mail."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.is_lost = False

    async def pass_on(self, there: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, commands = await asyncio.open_connection("127.0.0.1", self.port)
        onwards = asyncio.create_task(_copy(there, commands))
        while line := await answers.readline():
            if not self.is_lost and line.startswith(b"250 2.0.0 Your mail is stored"):
                self.is_lost = True
                break
            back.write(line)
        onwards.cancel()
        for writer in (back, commands):
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    writer.write_eof()


def test_a_mail_whose_yes_was_lost_comes_again_and_is_known(tmp_path: Path, loop) -> None:
    with ready_desk(tmp_path) as desk:
        wire = LosesFirstYes(desk.smtp_port)
        server = loop.run(asyncio.start_server(wire.pass_on, "127.0.0.1", 0))
        with exim.running(next_port=server.sockets[0].getsockname()[1]) as sender:
            sender.send(KIM, SUPPORT, letter("Say it again"))
            until(lambda: wire.is_lost, explain=lambda: sender.log)
            arrived_once(desk, sender, "Say it again")
            assert desk.ask("SELECT count(*) FROM tickets_outboundcopy WHERE email = %s", KIM) == [(1,)]
