"""The golden examples of the events, good and bad."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"


@dataclass(frozen=True, slots=True)
class Bad:
    """An event that must be refused: why, and by whom."""

    type: str
    topic: str
    why: str
    refused_by: tuple[str, ...]
    event: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.type}: {self.why}"


@lru_cache(maxsize=1)
def good_examples() -> dict[tuple[str, str], dict[str, Any]]:
    """Every good example by (topic, type)."""
    return {
        (path.parent.name, path.name.removesuffix(".json")): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(EXAMPLES.glob("*/*.json"))
        if not path.name.endswith(".bad.json")
    }


@lru_cache(maxsize=1)
def bad_examples() -> list[Bad]:
    """Every bad example."""
    return [
        Bad(
            path.name.removesuffix(".bad.json"),
            path.parent.name,
            entry["why"],
            tuple(entry["refused_by"]),
            entry["event"],
        )
        for path in sorted(EXAMPLES.glob("*/*.bad.json"))
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]
