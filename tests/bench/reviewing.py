"""``python -m tests.bench.reviewing [PEOPLE]``: what certain rules join and what the review queue shows, of invented people whose truth is known.

A tenth of the people stand on the register twice, the second time with the mistakes of clerks: a number that is missing or
mistyped, a name without diacritics, a letter or a syllable wrong, the year alone, day and month swapped, another commune. Rules
and weights are the product's; candidates are found by the same ways of looking as in the database, with plain keys.
"""

import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from reference import review_weights
from services.linkage import contradicts_record, fold_name, national_id_kind, normalise_name
from services.registers.blind_index import folded
from services.registry.review.likeness import Who, compared, score
from tests.bench.searching import FAMILIES, GIVEN, MIDDLES

_UNITS = 264
_MOST = 200  # of one key, as in the database
_DAY = date(2026, 1, 1)
_LETTERS = "abcdeghiklmnopqrstuvxy"


@dataclass(frozen=True)
class Record:
    """A record, whose it is in truth, and in which unit's register it stands."""

    number: int
    human: int
    unit: str
    who: Who


def main() -> None:
    """Make the people, join and compare, and print what was found of what is true."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    drawn = random.Random(138)
    begun = time.monotonic()
    records = list(_records(drawn, people))
    true = _candidates(records, truth=True)
    certain = {
        pair for pair in _candidates(records) if _is_certain(records[pair[0]].who, records[pair[1]].who)
    }
    weights = review_weights(_DAY)
    shown = {
        (one, other)
        for one, other in _candidates(records)
        if score(compared(records[one].who, records[other].who, weights)) >= weights.shown
    } - certain
    print(
        f"people {people:,}, records {len(records):,}, true pairs {len(true):,}, {time.monotonic() - begun:.0f} s"
    )
    print(
        f"certain: {len(certain):,} pairs, precision {_share(certain & true, certain)}, recall {_share(certain & true, true)}"
    )
    print(f"queue: {len(shown):,} pairs, of them true {_share(shown & true, shown)}")
    print(f"certain and queue together: recall {_share((certain | shown) & true, true)}")


def _share(part: set[tuple[int, int]], whole: set[tuple[int, int]]) -> str:
    return f"{len(part) / max(len(whole), 1):.4f}"


def _records(drawn: random.Random, people: int) -> Iterator[Record]:
    number = 0
    for human in range(people):
        commune = f"{drawn.randrange(_UNITS):05}"
        who = _somebody(drawn, human, commune)
        yield Record(number, human, commune, who)
        number += 1
        if drawn.random() < 0.1:
            again = _mistaken(drawn, who)
            yield Record(number, human, again.commune, again)
            number += 1


def _somebody(drawn: random.Random, human: int, commune: str) -> Who:
    family, middle = (drawn.choices(list(names), list(names.values()))[0] for names in (FAMILIES, MIDDLES))
    sex = "female" if middle == "Thị" or (middle != "Văn" and drawn.random() < 0.3) else "male"
    birth = date(drawn.randint(1960, 2005), drawn.randint(1, 12), drawn.randint(1, 28))
    century = (birth.year // 100 - 19) * 2 + (sex == "female")
    number = f"030{century}{birth.year % 100:02}{human:06}"
    return Who(f"{family} {middle} {drawn.choice(GIVEN)}", birth, sex, number, commune)


def _mistaken(drawn: random.Random, who: Who) -> Who:
    """The same human being as another clerk writes it."""
    name, birth, number = who.name, who.birth, who.national_id
    assert isinstance(birth, date)
    if drawn.random() < 0.10:
        name = folded(name).title()
    if drawn.random() < 0.03:
        place = drawn.randrange(len(name))
        name = name[:place] + drawn.choice(_LETTERS) + name[place + 1 :]
    if drawn.random() < 0.01:
        name = " ".join(part for place, part in enumerate(name.split()) if place != 1)
    number = drawn.choices([number, "", _slip(drawn, number)], [73, 25, 2])[0]
    kind = drawn.choices(["right", "year", "swapped", "day", "other year"], [87, 8, 2, 2, 1])[0]
    born: date | int = birth
    if kind == "year":
        born = birth.year
    elif kind == "swapped" and birth.day <= 12:
        born = birth.replace(day=birth.month, month=birth.day)
    elif kind == "day":
        born = birth.replace(day=drawn.randint(1, 28))
    elif kind == "other year":
        born = birth.replace(year=birth.year + drawn.choice([-1, 1, 10]))
    commune = f"{drawn.randrange(_UNITS):05}" if drawn.random() < 0.2 else who.commune
    return replace(who, name=name, birth=born, national_id=number, commune=commune)


def _slip(drawn: random.Random, number: str) -> str:
    place = drawn.randrange(6, 12)
    return number[:place] + drawn.choice("0123456789") + number[place + 1 :]


def _is_certain(one: Who, other: Who) -> bool:
    """Whether the certain rules join the two, looked at alone."""
    kinds = [None if _doubted(who) else national_id_kind(who.national_id) for who in (one, other)]
    if None not in kinds and kinds[0] == kinds[1] and one.national_id == other.national_id:
        return (
            one.sex == other.sex
            or normalise_name(one.name) == normalise_name(other.name)
            or one.birth == other.birth
        )
    contradict = bool(one.national_id and other.national_id and one.national_id != other.national_id)
    same = fold_name(one.name) == fold_name(other.name) and one.birth == other.birth and one.sex == other.sex
    return same and isinstance(one.birth, date) and not contradict


def _doubted(who: Who) -> bool:
    assert who.birth is not None
    return bool(who.national_id) and contradicts_record(who.national_id, who.birth, who.sex)


def _candidates(records: list[Record], *, truth: bool = False) -> set[tuple[int, int]]:
    blocks: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for record in records:
        for key in {(record.human,)} if truth else set(_keys(record)):
            blocks[key].append(record.number)
    return {pair for numbers in blocks.values() for pair in combinations(numbers[:_MOST], 2)}


def _keys(record: Record) -> Iterator[tuple[object, ...]]:
    who = record.who
    year = who.birth.year if isinstance(who.birth, date) else who.birth
    syllables = tuple(folded(who.name).split())
    if who.national_id:
        yield "number", who.national_id
    yield "name and year", syllables, year
    yield "name in unit", record.unit, syllables
    yield "like", record.unit, year, frozenset(syllables)
    for place in range(len(syllables)):
        yield "like", record.unit, year, frozenset((*syllables[:place], *syllables[place + 1 :]))


if __name__ == "__main__":
    main()
