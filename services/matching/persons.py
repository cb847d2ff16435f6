"""Which rows and records are one person: by certain links (`services.linkage.join_certain`), or only similar.

A year-only birth date never links, nor do name, birth year and commune: such pairs are only pointed out. Rows of one
number in one unit are one person. Pure; all in memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from contracts.forms import Form
from reference import bare, people_of_one_number
from services.linkage import Groups, Number, Said, contradicts_record, fold_name, join_certain, joined_by
from services.matching.model import Ours, Pair, Theirs

Token = tuple[str, ...]
Person = int
_Numbers = defaultdict[Token, defaultdict[int, set[Said | None]]]


@dataclass(frozen=True, slots=True)
class Known:
    """The tokens of a person's identity that link with certainty; ``said``: what is told beside the national ID."""

    numbers: tuple[Token, ...]
    name: Token | None = None
    said: Said | None = None


def known(values: Mapping[str, Any]) -> Known:
    """Return the certain tokens of identity columns as JSON values."""
    number, birth, sex = values.get("national_id"), values.get("birth_date"), values.get("sex")
    numbers = (("nid12" if len(number) == 12 else "nid9", number),) if number else ()
    name = fold_name(values.get("full_name") or "")
    if not sex or not name or birth is None:
        return Known(numbers)
    year = int(str(birth)[:4])
    whole = birth if isinstance(birth, str) and len(birth) > 4 else None
    doubted = bool(number) and contradicts_record(str(number), year, sex)
    said = Said(sex, name, year, whole, doubted) if number else None
    # Name, full birth date and sex link only together; a birth year alone never makes a certain link.
    return Known(numbers, None if whole is None else ("name", name, whole, sex), said)


def likeness(values: Mapping[str, Any], area: str | None) -> tuple[Token, ...]:
    """Return tokens that two different persons may share too.

    One is the name without accents with the birth date, day and month in any order; the other is name, birth year and
    commune of residence (``area``).
    """
    birth = values.get("birth_date")
    name = bare(values["full_name"]) if values.get("full_name") else ""
    if not name or birth is None:
        return ()
    born = str(birth)
    tokens: list[Token] = []
    if len(born) > 4:
        # Sorted, so that dates with day and month swapped give the same token.
        tokens.append(("parts", name, born[:4], *sorted((born[5:7], born[8:10]))))
    if area:
        tokens.append(("commune", name, born[:4], area.partition("@")[0]))
    return tuple(tokens)


@dataclass(slots=True)
class Roll:
    """The persons of both sides: which row and which record is which person, and their tokens."""

    links: Groups[int] = field(default_factory=Groups)
    rows: dict[int, int] = field(default_factory=dict)
    records: dict[UUID, int] = field(default_factory=dict)
    known_rows: dict[int, Known] = field(default_factory=dict)
    known_records: dict[UUID, Known] = field(default_factory=dict)
    withdrawn: dict[Token, Ours] = field(default_factory=dict)

    def of_row(self, theirs: Theirs) -> Person:
        """Return the person of a row."""
        return self.links.find(self.rows[theirs.number])

    def of_record(self, ours: Ours) -> Person:
        """Return the person of a record."""
        return self.links.find(self.records[ours.record])

    def join_pairs(self, pairs: Iterable[Pair]) -> None:
        """Join the person of each row with the person of its record: one record is about one person."""
        for pair in pairs:
            if pair.theirs.number in self.rows and pair.ours.record in self.records:
                self.links.join(self.rows[pair.theirs.number], self.records[pair.ours.record])


def roll_of(
    form: Form,
    theirs: Sequence[Theirs],
    ours: Sequence[Ours],
    pairs: Iterable[Pair],
    as_of: date | None = None,
) -> Roll:
    """Join rows and records to persons. Records whose identity the caller may not read take no part.

    ``as_of`` is the day of the list: how many people one national ID may join then is the province's to say.
    """
    roll = Roll()
    numbers: _Numbers = defaultdict(lambda: defaultdict(set))
    names: dict[Token, list[int]] = defaultdict(list)
    nodes = count()
    own: dict[object, int] = {}
    for record in ours:
        identity = record.identity
        if identity is None:
            continue
        tokens = known(record.values)
        # Withdrawn records join nobody, but explain rows of the list that still name them.
        if record.voided:
            for token in (*tokens.numbers, tokens.name):
                if token is not None:
                    roll.withdrawn.setdefault(token, record)
            continue
        who = record.person or record.record
        node = own[who] = own[who] if who in own else next(nodes)
        roll.records[record.record], roll.known_records[record.record] = node, tokens
        _carry(tokens, node, numbers, names)
    listed: dict[object, int] = {}
    for row in theirs:
        number = (row.unit, row.first_key) if form.person_key and row.first_key else row.number
        node = listed[number] = listed[number] if number in listed else next(nodes)
        tokens = known(row.values)
        roll.rows[row.number], roll.known_rows[row.number] = node, tokens
        _carry(tokens, node, numbers, names)
    roll.join_pairs(pairs)
    several = sorted(item for item in names.items() if len(item[1]) > 1)
    join_certain(roll.links, _joining(numbers, people_of_one_number(as_of)), several)
    return roll


def _joining(numbers: _Numbers, most: int) -> Iterable[Number[int]]:
    for token, carriers in numbers.items():
        parts = joined_by(carriers, most).parts.values()
        yield Number(token[0], token, tuple(carriers), parts)


def _carry(tokens: Known, node: int, numbers: _Numbers, names: dict[Token, list[int]]) -> None:
    for token in tokens.numbers:
        numbers[token][node].add(tokens.said)
    if tokens.name is not None:
        names[tokens.name].append(node)


class Likenesses:
    """Who might be who, of those who were not found on the other side: same name, birth and sex though the numbers
    contradict; the same but for accents or with day and month swapped; same name, year and commune."""

    def __init__(self, roll: Roll, rows: Iterable[Theirs], records: Iterable[Ours]) -> None:
        self._tokens: dict[object, tuple[Token, ...]] = {}
        self._rows: dict[Token, Theirs] = {}
        self._records: dict[Token, Ours] = {}
        for row in rows:
            for token in self._certain_keys(row, row.number, roll.known_rows.get(row.number)):
                self._rows.setdefault(token, row)
        for record in records:
            for token in self._certain_keys(record, record.record, roll.known_records.get(record.record)):
                self._records.setdefault(token, record)

    def row(self, record: Ours) -> Theirs | None:
        """Return a row that may be about this record's person."""
        told = (self._rows.get(token) for token in self._tokens.get(record.record, ()))
        return next((row for row in told if row is not None), None)

    def record(self, row: Theirs) -> Ours | None:
        """Return a record that may be about this row's person."""
        told = (self._records.get(token) for token in self._tokens.get(row.number, ()))
        return next((record for record in told if record is not None), None)

    def _certain_keys(self, who: Theirs | Ours, named: object, certain: Known | None) -> tuple[Token, ...]:
        if certain is None:
            return ()
        name = () if certain.name is None else (certain.name,)
        found = self._tokens[named] = (*name, *likeness(who.values, who.area))
        return found
