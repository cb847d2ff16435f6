"""What each line of a table is a share of."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from reference import area_book
from tablecheck.model import Line

_COMMUNE_UNITS = frozenset({"commune", "communes", "xã", "xã, phường, thị trấn"})
_OTHER_WORDS = frozenset({"khác", "còn lại", "other", "others", "the rest", "rest", "nguyên nhân khác"})
PARTS = ("part", "other")


def plain_label(text: str) -> str:
    """Return a label without regard to case, spacing and Unicode form."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


@dataclass(slots=True)
class Group:
    """The lines of one whole: its parts (an "other" among them) and its total, where there is one."""

    name: str
    parts: list[Line] = field(default_factory=list)
    total: Line | None = None

    @property
    def has_other(self) -> bool:
        """Return whether a line says what the named parts leave."""
        return any(line.role == "other" or plain_label(line.label) in _OTHER_WORDS for line in self.parts)

    @property
    def sum(self) -> Decimal | None:
        """Return the parts together; None while one has no value."""
        values = [line.value for line in self.parts if line.value is not None]
        # With an unknown part a sum would come out too low and accuse the table of a fault that it has not.
        return sum(values, Decimal()) if values and len(values) == len(self.parts) else None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the row numbers of the parts."""
        return tuple(line.number for line in self.parts)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the parts."""
        return tuple(line.label for line in self.parts)


def groups_of(lines: Sequence[Line]) -> dict[str, Group]:
    """Return the groups of a table, in the order of their first lines. Subsets and comparisons are no parts."""
    found: dict[str, Group] = {}
    for line in lines:
        if line.group is None:
            continue
        group = found.setdefault(plain_label(line.group), Group(line.group))
        if line.role == "total":
            group.total = group.total or line
        elif line.role in PARTS:
            group.parts.append(line)
    return found


def communes(line: Line) -> int | None:
    """Return how many communes the line's area had on its day; None where the line counts none or does not say."""
    if plain_label(line.unit or "") not in _COMMUNE_UNITS or line.area is None or line.as_of is None:
        return None
    book = area_book()
    area = book.resolve(line.area, line.as_of)
    if area is None or not area.exists_on(line.as_of):
        return None
    return len(book.communes(area.uid, line.as_of))


class Bases:
    """Finds the whole of each line of one table."""

    def __init__(self, lines: Sequence[Line], groups: dict[str, Group]) -> None:
        self._groups = groups
        self._by_label: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            self._by_label[plain_label(line.label)].append(line)

    def named(self, text: str) -> Decimal | None:
        """Return the number that an ``of`` stands for; None where a label is unknown, has no value or names several lines."""
        try:
            return Decimal(text.strip())
        except InvalidOperation:
            pass
        # A label may itself hold a plus sign, so the whole text is tried as one label first.
        whole = self._one(text)
        if whole is not None:
            return whole
        values = [self._one(part) for part in text.split("+")]
        known = [value for value in values if value is not None]
        return sum(known, Decimal()) if len(known) == len(values) > 1 else None

    def _one(self, label: str) -> Decimal | None:
        found = self._by_label.get(plain_label(label), [])
        if len(found) > 1:
            found = [line for line in found if line.role == "total"]
        # A whole that is written twice with one value is one whole.
        return found[0].value if found and len({line.value for line in found}) == 1 else None

    def of(self, line: Line) -> Decimal | None:
        """Return the number that the line is a share of; None where the table does not say."""
        if line.of is not None:
            return self.named(line.of)
        if line.role == "total":
            return line.value
        if line.role in PARTS:
            return self._whole_of_group(line)
        counted = communes(line)
        return None if counted is None else Decimal(counted)

    def _whole_of_group(self, line: Line) -> Decimal | None:
        group = None if line.group is None else self._groups.get(plain_label(line.group))
        counted = communes(line)
        if counted is not None:
            return Decimal(counted)
        if group is None:
            return None
        if group.total is not None:
            return group.total.value
        return group.sum if len(group.parts) > 1 else None

    def wholes(self) -> list[Line]:
        """Return every line that is the whole of something, for telling which other whole a share fits."""
        named = {
            plain_label(part)
            for lines in self._by_label.values()
            for line in lines
            if line.of is not None
            for part in (line.of, *line.of.split("+"))
        }
        return [
            line
            for label, lines in self._by_label.items()
            for line in lines
            if line.value and (line.role == "total" or label in named)
        ]
