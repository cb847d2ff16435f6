"""What answers of a release and of today may differ in: what was corrected on purpose, and what was added."""

from collections.abc import Mapping
from typing import Any

ADDED = frozenset({"definition", "area_name", "name", "overlap", "area_book_changed"})
"""Members that later releases put beside what an answer had."""


WITHHELD = "records"
"""Lists that the committee, who asks here, was shown by releases and is not any more: it has their counts."""


CORRECTED: Mapping[str, Mapping[str, str]] = {}
"""Release → path whose answer is another one on purpose since then → the line of CHANGELOG.md that says so."""


SPELT = {"MDMA": "mdma", "cần sa": "cannabis"}
"""Words for substances in the data of releases whose rows bear the code of the list since then; they count what they counted."""


def plain(answer: Any, question: str) -> Any:
    """An answer without when it was asked, where the question did not say as known when."""
    if not isinstance(answer, Mapping) or "known_at=" in question:
        return answer
    return {name: value for name, value in answer.items() if name != "known_at"}


def differing(before: Any, after: Any, place: str = "") -> list[str]:
    """Where an answer of today is not what the release answered; members in `ADDED` may have come."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        # Once withheld, a list is never there again: an answer of today must say so and have none.
        if "records_hidden" in after.keys() - before.keys():
            after = {name: value for name, value in after.items() if name != "records_hidden"}
        if isinstance(before.get(WITHHELD), list):
            before = before | {WITHHELD: None}  # type: ignore[operator]
        gone = [f"{place}.{name}: gone" for name in before.keys() - after.keys()]
        come = [f"{place}.{name}: new" for name in after.keys() - before.keys() - ADDED]
        return (
            gone
            + come
            + [
                found
                for name in sorted(before.keys() & after.keys())
                for found in differing(before[name], after[name], f"{place}.{name}")
            ]
        )
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        before, after = _by_substance(before), _by_substance(after)
        return [
            found
            for n, pair in enumerate(zip(before, after, strict=True))
            for found in differing(*pair, f"{place}[{n}]")
        ]
    return [] if before == after else [f"{place}: {str(before)[:150]} is now {str(after)[:150]}"]


def _by_substance(rows: list[Any]) -> list[Any]:
    """Rows of substances under today's codes, in the order of these; other lists as they are."""
    if not all(isinstance(row, Mapping) and "substance" in row for row in rows):
        return rows
    known = [row | {"substance": SPELT.get(row["substance"], row["substance"])} for row in rows]
    return sorted(known, key=lambda row: str(row["substance"]))
