"""The order of files in a suite of whole stacks."""

from collections.abc import Sequence
from pathlib import Path

import pytest


def shared_stacks_last(items: list[pytest.Item], folder: Path, fixtures: Sequence[str]) -> None:
    """Put files of the folder that use a stack which lives until the end behind those that do not, in the order of ``fixtures``.

    A stack that nobody asks anything takes a third of a core and more from the tests that run meanwhile. The tests of a file
    keep their order.
    """
    ranks: dict[Path, int] = {}
    for item in items:
        used = [fixtures.index(name) + 1 for name in getattr(item, "fixturenames", ()) if name in fixtures]
        ranks[item.path] = max([ranks.get(item.path, 0), *used])
    places = [place for place, item in enumerate(items) if folder in item.path.parents]
    ordered = sorted((items[place] for place in places), key=lambda item: ranks[item.path])
    for place, item in zip(places, ordered, strict=True):
        items[place] = item
