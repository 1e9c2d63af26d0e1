"""Letters that leave one after another share a connection, as long as the other server likes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from channels_app.drivers import letter
from channels_app.drivers.email import hand_over
from channels_app.drivers.relay import Relay, connections_kept
from tests.channels_app.test_outbound import REPLY
from tickets.contracts import SendStatus


def send(relay: Relay, recipient: str = REPLY.recipient.email) -> SendStatus:
    return hand_over(relay, letter.build(REPLY), "support@example.com", recipient, lambda: True).status


class Choosy:
    """An SMTP server that takes so many letters a connection and then says what it was told to say."""

    def __init__(self, listening: socket.socket, most: int, last_word: bytes) -> None:
        self.listening, self.most, self.last_word = listening, most, last_word
        self.letters: list[int] = []  # by connection
        self.offers = b"250-hello\r\n250 SMTPUTF8\r\n"

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            self.letters.append(0)
            threading.Thread(target=self.answer, args=[client, len(self.letters) - 1], daemon=True).start()

    def answer(self, client: socket.socket, place: int) -> None:
        with client, client.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 hello\r\n")
            while line := lines.readline().upper():
                if line.startswith(b"EHLO"):
                    lines.write(self.offers)
                elif line.startswith(b"MAIL") and self.letters[place] == self.most:
                    lines.write(self.last_word)
                    return
                elif line.startswith(b"DATA"):
                    lines.write(b"354 go on\r\n")
                    while lines.readline() != b".\r\n":
                        pass
                    self.letters[place] += 1
                    lines.write(b"250 ok\r\n")
                else:
                    lines.write(b"250 ok\r\n")


@contextmanager
def choosy(*, most: int = 100, last_word: bytes = b"") -> Iterator[tuple[Choosy, Relay]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Choosy(listening, most, last_word)
        threading.Thread(target=server.serve, daemon=True).start()
        yield server, Relay("127.0.0.1", listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)


def test_letters_after_one_another_share_a_connection_whatever_their_addresses() -> None:
    with choosy() as (server, relay), connections_kept():
        assert {send(relay, to) for to in ("a@x.example", "анна@x.example", "b@x.example")} == {SendStatus.SENT}
        assert server.letters == [3]


def test_alone_each_has_its_own() -> None:
    with choosy() as (server, relay):
        assert {send(relay), send(relay)} == {SendStatus.SENT}
        assert server.letters == [1, 1]


def test_a_server_that_has_taken_enough_gets_a_new_connection() -> None:
    for last_word in (b"", b"421 4.7.0 too many\r\n", b"451 4.7.0 too many\r\n", b"550 5.7.0 too many\r\n"):
        with choosy(most=2, last_word=last_word) as (server, relay), connections_kept():
            assert {send(relay) for _ in range(5)} == {SendStatus.SENT}
            assert server.letters == [2, 2, 1]


def test_two_servers_are_not_mixed_up() -> None:
    with choosy() as (one, to_one), choosy() as (two, to_two), connections_kept():
        assert {send(to_one), send(to_two), send(to_one)} == {SendStatus.SENT}
        assert (one.letters, two.letters) == ([2], [1])


def test_after_a_refusal_the_next_begins_anew(sink) -> None:
    server, relay = sink
    with connections_kept():
        server.answers = {"DATA": "554 5.7.1 spam"}
        assert send(relay) is SendStatus.FAILED
        server.answers = {"RCPT": "550 5.1.1 nobody"}
        assert send(relay) is SendStatus.FAILED
        server.answers = {}
        server.mails.clear()
        assert {send(relay), send(relay)} == {SendStatus.SENT}
    assert len(server.mails) == 2
