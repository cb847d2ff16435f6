"""What a national ID may join: which of its carriers are one human being by it. Pure.

A number is mistyped, borrowed from a relative or filled down a column. What may be joined only by a clerk *waits*: the number
joins it to nobody meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from typing import Generic, Literal, get_args

from reference import issues_national_ids
from services.linkage.groups import Item

Reason = Literal["contradiction", "structure", "too_many"]
"""Why carriers of a number wait: two of them contradict each other in everything, the number contradicts the record that
carries it, or it would join more people than a number may."""
REASONS: frozenset[str] = frozenset(get_args(Reason))


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of the person beside the number. Names, dates and years are only compared: hashes will do.

    ``birth`` is None where only the year is known. ``doubted``: the number contradicts the record itself. ``agency``: among
    whose records it is; an agency is told that a number waits by its own records alone.
    """

    sex: str
    name: Hashable
    year: Hashable
    birth: Hashable | None = None
    doubted: bool = False
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Joining(Generic[Item]):
    """What a number does: ``parts`` are the groups that it joins, by name (one without a name where it joins all).

    ``reason`` is why carriers wait, None where nobody does.
    """

    parts: Mapping[str, tuple[Item, ...]]
    reason: Reason | None = None


def joined_by(carriers: Mapping[Item, Iterable[Said | None]], most: int | None = None) -> Joining[Item]:
    """Return whom a number joins, of its carriers and what their records say beside it. No order matters.

    None stands for a record of a former version, which told nothing that could be compared: it contradicts nobody.
    ``most``: how many different people (name, year of birth, sex) the number may join.

    Example: A and B are men, C is a woman, and A and C have no name and birth date in common. Then A and B are one by the
    number, and C waits. Where C has A's name, all three are one.
    """
    said = {item: frozenset(each) for item, each in carriers.items()}
    sound = {item: each for item, each in said.items() if any(not doubted(one) for one in each)}
    people = {one for each in sound.values() for one in each if one is not None and not one.doubted}
    if most is not None and len({(one.name, one.year, one.sex) for one in people}) > most:
        return Joining({}, "too_many")
    if any(contradict(*pair) for pair in combinations(people, 2)):
        # Of one sex no two can contradict each other in everything.
        return Joining(_by_sex(sound), "contradiction")
    return Joining({"": tuple(sound)}, "structure" if len(sound) < len(said) else None)


def may_wait(said: Iterable[Said | None], most: int | None = None) -> bool:
    """Return whether anybody could ever wait of carriers whose records say this, each at some time."""
    counts = SaidCounts()
    for one in set(said):
        counts.add(one)
        # The reason may change with each further record, but nobody stops to wait by one.
        if doubted(one) or counts.reason(most) is not None:
            return True
    return False


def contradict(one: Said, other: Said) -> bool:
    """Return whether name, birth date and sex all differ; of a date and a year alone the years are compared."""
    if one.sex == other.sex or one.name == other.name:
        return False
    if one.birth is None or other.birth is None:
        return one.year != other.year
    return one.birth != other.birth


def contradicts_record(number: str, birth: date | int, sex: str) -> bool:
    """Return whether a 12-digit number cannot be that of somebody of this birth and sex; False for a 9-digit one.

    Circular 59/2021/TT-BCA, Art. 3: the province or country of birth registration, one digit for century and sex, the last
    two digits of the year of birth, six of chance.
    """
    if len(number) != 12:
        return False
    year = birth if isinstance(birth, int) else birth.year
    century = (year // 100 - 19) * 2 + (sex == "female")
    return not issues_national_ids(number[:3]) or number[3:6] != f"{century}{year % 100:02d}"


def doubted(said: Said | None) -> bool:
    """Return whether the number contradicts the record that says this."""
    return said is not None and said.doubted


def part_of(said: Iterable[Said | None]) -> str | None:
    """Return in which part a carrier is where two contradict each other: that of its sex; None where it has both."""
    sexes = {"" if one is None else one.sex for one in said if not doubted(one)}
    # Who is of both sexes would join the two parts that contradict each other.
    return (sexes.pop() or "unknown") if len(sexes) == 1 else None


def _by_sex(carriers: Mapping[Item, frozenset[Said | None]]) -> dict[str, tuple[Item, ...]]:
    parts: dict[str, list[Item]] = defaultdict(list)
    for item, each in carriers.items():
        if (part := part_of(each)) is not None:
            parts[part].append(item)
    return {sex: tuple(items) for sex, items in parts.items()}


class SaidCounts:
    """Running counts of what the carriers of a number say: why some wait, in the same time however many they are.

    What a doubted record says does not count, nor what a former version did not tell.
    """

    def __init__(self) -> None:
        self._people: Counter[tuple[Hashable, ...]] = Counter()
        self._alike: Counter[tuple[Hashable, ...]] = Counter()
        self._contradicting = 0

    def add(self, said: Said | None) -> None:
        """Count what one more record says."""
        if said is not None and not said.doubted:
            self._contradicting += self._contradicted_by(said)
            self._count(said, 1)

    def remove(self, said: Said | None) -> None:
        """Count no longer what was added."""
        if said is not None and not said.doubted:
            self._count(said, -1)
            self._contradicting -= self._contradicted_by(said)

    def reason(self, most: int | None) -> Reason | None:
        """Return why carriers wait, as `joined_by` does; None where nobody does but for doubted ones."""
        if most is not None and len(self._people) > most:
            return "too_many"
        return "contradiction" if self._contradicting else None

    def _count(self, said: Said, by: int) -> None:
        person = (said.name, said.year, said.sex)
        self._people[person] += by
        if not self._people[person]:
            del self._people[person]
        known = (("year", said.year) if said.birth is None else ("birth", said.birth), ("either", said.year))
        for birth in known:
            for _, alike in _likenesses(said, birth):
                self._alike[alike] += by

    def _contradicted_by(self, said: Said) -> int:
        """Return how many of those counted differ in sex, name and birth: all, less those that are alike in something."""
        asked = (
            (("either", said.year),) if said.birth is None else (("birth", said.birth), ("year", said.year))
        )
        return sum(sign * self._alike[alike] for birth in asked for sign, alike in _likenesses(said, birth))


def _likenesses(said: Said, birth: tuple[str, Hashable]) -> Iterator[tuple[int, tuple[Hashable, ...]]]:
    """Return each way to be like ``said`` in nothing, one, two or all three things, with its sign for inclusion-exclusion."""
    kind, value = birth
    for sign, (sex, name, born) in _WAYS:
        yield sign, (kind, said.sex if sex else None, said.name if name else None, value if born else None)


_WAYS = tuple(((-1) ** sum(chosen), chosen) for chosen in product((False, True), repeat=3))
