"""The order of files in suites of whole stacks."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.stack.order import shared_stacks_last

FOLDER = Path("/suite")


def item(file: str, name: str, *fixtures: str) -> Any:
    return SimpleNamespace(path=FOLDER / file, name=name, fixturenames=fixtures)


def test_files_that_use_a_lasting_stack_come_last_and_keep_the_order_of_their_tests() -> None:
    elsewhere = SimpleNamespace(path=Path("/other/z.py"), name="elsewhere", fixturenames=("trial",))
    items = [
        item("a.py", "lasting", "trial"),
        item("a.py", "none"),
        elsewhere,
        item("b.py", "second of two", "forgetful", "trial"),
        item("c.py", "own"),
        item("d.py", "lasting too", "trial"),
    ]

    shared_stacks_last(items, FOLDER, ("trial", "forgetful"))

    assert [one.name for one in items] == [
        "own",
        "lasting",
        "elsewhere",
        "none",
        "lasting too",
        "second of two",
    ]
