"""A worker that dies around the final dot: the letter may have left, so a person decides whether it leaves again."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.ops.running import until
from tests.ops.whole_desk import KIM, LEE, Desk, Visitor, ready_desk

pytestmark = pytest.mark.faults


class Trap:
    """Kills every process of the worker when it has a whole letter to Kim, having said yes to it or not."""

    def __init__(self, sink, *, says_yes: bool) -> None:
        self.desk: Desk | None = None
        self.says_yes = says_yes
        self.take = sink.handle_DATA
        sink.handle_DATA = self.handle_DATA

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await self.take(server, session, envelope)
        if self.desk is None or KIM not in envelope.rcpt_tos:
            return answer
        desk, self.desk = self.desk, None
        workers = [pid for pid, name in desk.running.everyone().items() if name == "hd-worker"]
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        if self.says_yes:
            await server.push(answer)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        return answer


@pytest.mark.parametrize("says_yes", [False, True], ids=["before the answer", "after the answer"])
def test_a_worker_killed_at_the_final_dot_leaves_a_letter_that_only_a_person_repeats(
    tmp_path: Path, outlet, says_yes: bool
) -> None:
    trap = Trap(outlet.sink, says_yes=says_yes)
    with ready_desk(tmp_path, EMAIL_URL=outlet.url) as desk:
        trap.desk = desk
        desk.write("Sent or not")
        until(lambda: outlet.to(KIM), explain=lambda: desk.running.text)
        desk.running.wait_for("worker ended (SIGKILL)")
        assert copies(desk) == [("queued",)]

        desk.end_leases()
        until(lambda: copies(desk) == [("uncertain",)], explain=lambda: (copies(desk), desk.running.text))
        desk.write("The one after", sender=LEE)
        until(lambda: outlet.to(LEE), 60, explain=lambda: desk.running.text)
        assert len(outlet.to(KIM)) == 1

        agent = Visitor(desk)
        agent.sign_in()
        ((number,),) = desk.ask("SELECT number FROM tickets_ticket WHERE subject = 'Sent or not'")
        _, page = agent.get(f"/desk/tickets/{number}/")
        assert "неизвестно: сервер не ответил" in page
        again = re.search(r'action="(/desk/tickets/[\w-]+/copies/\d+/sending)"', page)[1]
        agent.fill_in(page, again)
        until(lambda: len(outlet.to(KIM)) == 2, explain=lambda: desk.running.text)
        until(lambda: copies(desk) == [("sent",), ("sent",)], explain=lambda: copies(desk))
        first, second = (below_the_signature(mail) for mail in outlet.to(KIM))
        assert first == second


def below_the_signature(mail: bytes) -> bytes:
    """The letter without what names the second it was signed in."""
    assert mail.startswith(b"DKIM-Signature:")
    return mail[mail.index(b"\r\nFrom:") :]


def copies(desk: Desk) -> list[tuple[str]]:
    return desk.ask("SELECT status FROM tickets_outboundcopy WHERE email IN (%s, %s) ORDER BY id", KIM, LEE)
