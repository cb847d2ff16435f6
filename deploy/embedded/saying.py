"""The supervisor's own log: one line at a time, with the moment."""

import sys
import time


def say(text: str) -> None:
    """Write one line to the supervisor's log."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")
    sys.stdout.flush()
