"""Decisions (`docs/adr`) can be cited by number: each number is given once, and a file and its heading agree."""

import re
from collections import Counter
from pathlib import Path

DECISIONS = Path(__file__).parents[2] / "docs" / "adr"
_NAME = re.compile(r"(\d{4})-[a-z0-9-]+\.md")


def test_each_decision_has_a_number_of_its_own_that_its_heading_repeats() -> None:
    numbers: Counter[str] = Counter()
    for file in sorted(DECISIONS.iterdir()):
        named = _NAME.fullmatch(file.name)
        assert named is not None, file.name
        numbers[named[1]] += 1
        assert file.read_text(encoding="utf-8").startswith(f"# {named[1]}. "), file.name
    assert [number for number, times in numbers.items() if times > 1] == []
    assert list(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]
