"""An hour without a broker leaves a readable log: the first line of each kind, then one a minute with the number of its likes."""

import io
import json
import logging
import subprocess
import sys

from services.chassis.runtime.repeats import CountingHandler, Repeats

_TEXT = "Unable connect to node with id %s: %s"


class Clock:
    """Seconds as the test says."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def written(clock: Clock) -> tuple[logging.Handler, io.StringIO]:
    """A handler under a clock, and what it writes: text, and the count where there is one."""
    out = io.StringIO()
    handler = CountingHandler(out, Repeats(clock))

    class Shown(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return f"{record.getMessage()} {getattr(record, 'repeated', '')}".strip()

    handler.setFormatter(Shown())
    return handler, out


def line(name: str, text: str, *values: object, level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord(name, level, __file__, 1, text, values, None)


def test_an_outage_of_an_hour_is_one_line_and_one_a_minute() -> None:
    clock = Clock()
    handler, out = written(clock)
    for second in range(3600):
        clock.now = float(second)
        for node in range(50):
            handler.emit(line("aiokafka.conn", _TEXT, node, ConnectionRefusedError("refused")))
    lines = out.getvalue().splitlines()
    assert lines[0] == "Unable connect to node with id 0: refused"
    assert len(lines) == 60
    counted = [int(text.rsplit(" ", 1)[1]) for text in lines[1:]]
    # 59 full minutes told; the sixtieth is still running.
    assert set(counted[1:]) == {3000}
    assert sum(counted) == 59 * 60 * 50 - 1


def test_another_reason_is_told_at_once() -> None:
    handler, out = written(Clock())
    for error in (ConnectionRefusedError("refused"), ConnectionRefusedError("again"), TimeoutError("slow")):
        handler.emit(line("aiokafka", _TEXT, 0, error))
    assert [text.rsplit(" ", 1)[1] for text in out.getvalue().splitlines()] == ["refused", "slow"]


def test_what_was_left_out_is_told_with_the_next_line_of_anybody() -> None:
    clock = Clock()
    handler, out = written(clock)
    for _ in range(4):
        handler.emit(line("aiokafka", "gone"))
    clock.now = 61.0
    handler.emit(line("services.sample", "record accepted", level=logging.INFO))
    assert out.getvalue().splitlines() == ["gone", "gone 3", "record accepted"]


def test_after_a_quiet_minute_the_first_line_of_the_next_outage_is_written() -> None:
    clock = Clock()
    handler, out = written(clock)
    handler.emit(line("aiokafka", "gone"))
    clock.now = 200.0
    handler.emit(line("aiokafka", "gone"))
    assert out.getvalue().splitlines() == ["gone", "gone"]


def test_no_other_line_is_ever_left_out() -> None:
    handler, out = written(Clock())
    for _ in range(3):
        handler.emit(line("services.chassis.kafka.applying", "put aside"))
        handler.emit(line("aiokafka", "joined the group", level=logging.INFO))
    assert len(out.getvalue().splitlines()) == 6


_PROGRAM = """
import logging
from services.chassis.runtime import logging as chassis
chassis.configure("sample")
for _ in range(1000):
    logging.getLogger("aiokafka.conn").error("Unable connect to node with id %s: %s", 1, OSError("refused"))
    chassis.get_logger("services.chassis.kafka.relay").warning("relay interrupted, trying again", error="OSError")
chassis.get_logger("own").warning("put aside", offset=1)
chassis.get_logger("own").warning("put aside", offset=2)
"""


def test_a_service_writes_the_first_of_each_kind_as_json() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    events = [json.loads(text)["event"] for text in done.stderr.splitlines()]
    assert events == [
        "Unable connect to node with id 1: refused",
        "relay interrupted, trying again",
        "put aside",
        "put aside",
    ]
