"""Every line of a process is JSON with fields, whoever writes it, and carries no values of errors."""

import json
import subprocess
import sys

_PROGRAM = """
import logging
import faststream.kafka  # brings a handler of its own
from services.chassis.runtime import logging as chassis
chassis.configure("sample")
chassis.get_logger("own").info("record accepted", form="fires")
logging.getLogger("faststream").warning("Auto create topics is disabled. Make sure the topics exist.")
logging.getLogger("faststream").error("broken")
try:
    raise ValueError("Nguyễn Văn Bí Mật")
except ValueError:
    logging.getLogger("other").exception("failed")
"""


def _lines() -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_lines_of_libraries_are_json_and_say_nothing_that_is_intended() -> None:
    events = [json.loads(line) for line in _lines()]

    assert [event["event"] for event in events] == ["record accepted", "broken", "failed"]
    assert all(event["service"] == "sample" for event in events)


def test_an_error_is_logged_by_class_and_place_without_its_message() -> None:
    text = _lines()[-1]

    assert "Bí Mật" not in text
    assert json.loads(text)["error"] == "builtins.ValueError"
