"""The writer: when events reach the disk, what ends it, and what goes wrong."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import pytest
from diptych.events import Event, EventFileWriter, read
from diptych.events import writer as writer_module


def steps(path: str | Path) -> list[int]:
    return [event.step for event in list(read(path))[1:]]


def wait_for(path: str, wanted: list[int]) -> None:
    end = time.monotonic() + 20
    while steps(path) != wanted:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_files_are_named_as_tensorboard_looks_for_them(tmp_path: Path) -> None:
    before = int(time.time())
    writers = [EventFileWriter(tmp_path / "a" / "b", filename_suffix=".suffix") for _ in range(2)]
    pattern = rf"events\.out\.tfevents\.(\d{{10}})\.{re.escape(socket.gethostname())}\.{os.getpid()}\.(\d+)\.suffix"
    found = [re.fullmatch(pattern, Path(writer.path).name) for writer in writers]
    assert all(match and before <= int(match[1]) <= time.time() for match in found)
    assert len({match[2] for match in found if match}) == 2
    for writer in writers:
        assert writer.get_logdir() == str(tmp_path / "a" / "b")
        (first,) = read(writer.path)
        assert (first.file_version, first.source_metadata.writer) == ("brain.Event:2", "diptych.events.writer")
        assert before <= first.wall_time <= time.time()
        writer.close()


def test_names_that_are_taken_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_COUNT", iter([0, 0, 1]))
    monkeypatch.setattr(writer_module.time, "time", lambda: 1700000000.5)
    first, second = EventFileWriter(tmp_path), EventFileWriter(tmp_path)
    assert first.path.endswith(f".{os.getpid()}.0") and second.path.endswith(f".{os.getpid()}.1")
    first.close()
    second.close()


def test_a_full_queue_is_written(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path, max_queue=3)
    for step in range(1, 3):
        writer.add_event(Event(step=step))
    time.sleep(0.05)
    assert steps(writer.path) == []
    writer.add_event(Event(step=3))
    wait_for(writer.path, [1, 2, 3])
    writer.close()


def test_time_writes_what_waits(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path, max_queue=100, flush_secs=0.02)
    writer.add_event(Event(step=1))
    wait_for(writer.path, [1])
    writer.close()


def test_flush_writes_what_waits(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path, max_queue=0)
    for step in range(50):
        writer.add_serialized(Event(step=step).SerializeToString())
    writer.flush()
    assert steps(writer.path) == list(range(50))
    writer.close()


def test_an_event_is_written_as_it_was_when_added(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    event = Event(step=1)
    writer.add_event(event)
    event.step = 2
    writer.close()
    assert steps(writer.path) == [1]


def test_much_data_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 100)
    writer = EventFileWriter(tmp_path, max_queue=1000)
    for step in range(30):
        writer.add_event(Event(step=step, graph_def=bytes(60)))
        assert writer._queue._size <= 100 + 64
    writer.close()
    assert steps(writer.path) == list(range(30))


def test_close_and_reopen(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    writer.reopen()
    first = writer.path
    writer.add_event(Event(step=1))
    writer.close()
    writer.close()
    assert writer.closed
    for refused in (writer.flush, lambda: writer.add_event(Event())):
        with pytest.raises(OSError, match="^Writer is closed$"):
            refused()
    writer.reopen()
    assert not writer.closed
    writer.add_event(Event(step=2))
    writer.close()
    assert (steps(first), steps(writer.path)) == ([1], [2])


def test_what_is_no_event_is_refused(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    with pytest.raises(TypeError, match=r"^Expected an event_pb2\.Event proto,  but got <class 'int'>$"):
        writer.add_event(3)
    writer.close()


def test_the_end_of_the_writer_is_the_end_of_its_file(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    path, thread = writer.path, writer._queue._thread
    writer.add_event(Event(step=1))
    del writer
    gc.collect()
    assert steps(path) == [1]
    assert not thread.is_alive()


def test_the_end_of_the_program_writes_what_waits(tmp_path: Path) -> None:
    code = (
        "import sys; from diptych.events import Event, EventFileWriter\n"
        "writer = EventFileWriter(sys.argv[1]); writer.add_event(Event(step=7)); print(writer.path)\n"
        "raise SystemExit(3)"
    )
    found = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (3, "")
    assert steps(found.stdout.strip()) == [7]


def test_threads_share_a_writer(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path, max_queue=2)

    def add(start: int) -> None:
        for step in range(start, start + 200):
            writer.add_event(Event(step=step))
            if step % 50 == 0:
                writer.flush()

    threads = [threading.Thread(target=add, args=(1000 * each,)) for each in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    found = steps(writer.path)
    assert sorted(found) == [step for each in range(1, 5) for step in range(1000 * each, 1000 * each + 200)]
    for each in range(1, 5):
        own = [step for step in found if step // 1000 == each]
        assert own == sorted(own)


FORK = """
import os, sys
from diptych.events import Event, EventFileWriter
writer = EventFileWriter(sys.argv[1])
writer.add_event(Event(step=1))
child = os.fork()
if not child:
    try:
        writer.add_event(Event(step=2))
    except OSError as error:
        print(error)
    writer.close()
    raise SystemExit(4)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
writer.add_event(Event(step=3))
"""


def test_a_fork_may_not_write(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert found.stderr == ""
    assert found.stdout.splitlines() == [
        "diptych.events: the writer is another process's but must be opened after the fork",
        "4",
    ]
    (path,) = tmp_path.iterdir()
    assert steps(path) == [1, 3]


class SmallBites:
    """A file that takes a few bytes at a time, as the system may."""

    name = "bites"

    def __init__(self, file: FileIO) -> None:
        self.file = file

    def write(self, data: bytes) -> int:
        return self.file.write(data[:5])

    def close(self) -> None:
        self.file.close()


def test_what_the_system_takes_in_parts_is_written_whole(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    path = writer.path
    writer._queue.file = SmallBites(writer._queue.file)
    for step in range(20):
        writer.add_event(Event(step=step))
    writer.close()
    assert steps(path) == list(range(20))


class FullDisk:
    """A file that takes no more."""

    name = "full"

    def write(self, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    def close(self) -> None: ...


def test_what_the_disk_refuses_is_raised_at_the_next_call(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    writer._queue.file.close()
    writer._queue.file = FullDisk()
    writer.add_event(Event(step=1))
    for refused in (writer.flush, lambda: writer.add_event(Event(step=2)), writer.close):
        with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device$"):
            refused()


class Strange:
    """A file that does something else when it is written."""

    name = "strange"

    def __init__(self, action: Callable[[], object]) -> None:
        self.action = action

    def write(self, data: bytes) -> int:
        self.action()
        return len(data)

    def close(self) -> None:
        self.closed = True


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_thread_that_has_ended(tmp_path: Path) -> None:
    writer = EventFileWriter(tmp_path)
    writer._queue.file.close()
    writer._queue.file = Strange(lambda: 1 / 0)
    writer.add_event(Event(step=1))
    for refused in (writer.flush, writer.close):
        with pytest.raises(OSError, match=r"^diptych\.events: the thread that writes has ended but must run$"):
            refused()


def test_the_thread_that_writes_may_collect_the_writer(tmp_path: Path) -> None:
    """It cannot wait for itself: another thread closes the file."""
    writer = EventFileWriter(tmp_path)
    queue = writer._queue
    queue.file.close()
    queue.file = file = Strange(queue.close)
    writer.add_event(Event(step=1))
    with contextlib.suppress(OSError):  # closed while it waits, perhaps
        writer.flush()
    end = time.monotonic() + 20
    while not hasattr(file, "closed"):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert writer.closed
