import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from channels_app.mail.child import ParserChild, ParserPool
from channels_app.mail.limits import Unparseable
from tests.fixtures.mail.build import headed, plain
from tests.unit.mail.reading import ARRIVED, read

# Slow to read and within every count of the limits: delimiters that are almost the boundary, within sixty levels.
SLOW = headed("Content-Type: multipart/mixed; boundary=z", b"--z\r\n\r\nw\r\n" + b"\n--zx" * 10_000_000)


@pytest.fixture
def child():
    child = ParserChild()
    yield child
    child.close()


def _wait_for_end(pid: int) -> None:
    """Until the process is gone or a zombie; its pidfd becomes readable then."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 10)[0], "the child did not end"
    finally:
        os.close(descriptor)


def test_child_reads_what_the_parser_reads_and_serves_many_letters(child):
    first = child.parse(plain(), received_at=ARRIVED, envelope_from="", envelope_to=("a+b@example.com",))
    assert first == read(plain(), envelope_from="", envelope_to=("a+b@example.com",))
    pid = child.pid
    child.parse(plain("", "again"), received_at=ARRIVED)
    assert child.pid == pid


def test_refusal_comes_back_by_name_and_the_child_goes_on(child):
    with pytest.raises(Unparseable) as refusal:
        child.parse(headed("Content-Type: multipart/mixed; boundary=z", b"--z\r\n" * 100_000), received_at=ARRIVED)
    assert refusal.value.reason_code == "too_many_parts"
    pid = child.pid
    child.parse(plain(), received_at=ARRIVED)
    assert child.pid == pid


def test_letter_that_takes_too_long_is_refused_and_the_next_one_read(child):
    child.parse(plain(), received_at=ARRIVED)
    pid = child.pid
    with pytest.raises(Unparseable) as refusal:
        child.parse(SLOW, received_at=ARRIVED, timeout=0.05)
    assert refusal.value.reason_code == "parser_timeout"
    assert child.parse(plain(), received_at=ARRIVED).subject == "Question"
    assert child.pid != pid


def test_letter_that_needs_too_much_memory_is_refused_and_the_next_one_read():
    child = ParserChild(memory_bytes=160 * 1024 * 1024)
    try:
        with pytest.raises(Unparseable) as refusal:
            child.parse(plain("", "я" * 28_000_000), received_at=ARRIVED)
        assert refusal.value.reason_code in ("out_of_memory", "parser_crashed")
        assert child.parse(plain(), received_at=ARRIVED).subject == "Question"
    finally:
        child.close()


def test_killed_child_is_replaced_unnoticed(child):
    child.parse(plain(), received_at=ARRIVED)
    os.kill(child.pid, signal.SIGKILL)
    assert child.parse(plain(), received_at=ARRIVED).subject == "Question"


def test_idle_child_ends_itself_and_is_replaced():
    child = ParserChild(idle_seconds=0.05)
    try:
        child.parse(plain(), received_at=ARRIVED)
        pid = child.pid
        _wait_for_end(pid)
        assert child.parse(plain(), received_at=ARRIVED).subject == "Question"
        assert child.pid != pid
    finally:
        child.close()


def test_large_attachment_comes_back_whole(child):
    raw = headed("Content-Type: application/octet-stream", bytes(range(256)) * 100_000)
    (file,) = child.parse(raw, received_at=ARRIVED).attachments
    assert file.content == bytes(range(256)) * 100_000


def test_child_dies_with_its_parent():
    program = (
        "import os, sys\n"
        "from datetime import UTC, datetime\n"
        "from channels_app.mail.child import ParserChild\n"
        "child = ParserChild()\n"
        "child.parse(b'From: a@x.example\\n\\nHi', received_at=datetime(2026, 10, 5, tzinfo=UTC))\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).resolve().parents[3]
    parent = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, timeout=30, check=False)
    _wait_for_end(int(parent.stdout))


def test_child_imports_no_django():
    program = (
        "import sys, channels_app.mail.child, channels_app.mail.parse\n"
        "print([name for name in sys.modules if name.startswith('django')])\n"
    )
    root = Path(__file__).resolve().parents[3]
    found = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_pool_serves_threads_at_the_same_time():
    pool = ParserPool(size=2)
    subjects = []

    def work() -> None:
        for _ in range(5):
            subjects.append(pool.parse(plain(), received_at=ARRIVED).subject)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert subjects == ["Question"] * 20
