"""Who is whom across a list and a register: the certain links of ``forms.md`` (section 2), and mere likenesses.

Same national ID; or same full name (normalised), full birth date and sex where the national IDs of all who share
them don't contradict each other. A year-only birth date never links, nor do name, birth year and commune: such
pairs are only pointed out. Rows of one number in one unit are one person. Pure; all in memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts.forms import Form
from services.chassis.intake.matching.compare import bare
from services.chassis.intake.matching.model import Ours, Pair, Theirs
from services.chassis.linkage import normalise_name

Token = tuple[str, ...]
Person = int
_NUMBERS = ("nid12", "nid9")


@dataclass(frozen=True, slots=True)
class Known:
    """What a statement of identity gives to recognise its person by."""

    numbers: tuple[Token, ...]
    name: Token | None = None
    weak: tuple[Token, ...] = ()


def known(values: Mapping[str, Any], area: str | None) -> Known:
    """The tokens of identity columns as JSON values. ``area`` is the residence, for the weak token alone."""
    number, birth, sex = values.get("national_id"), values.get("birth_date"), values.get("sex")
    numbers = (("nid12" if len(number) == 12 else "nid9", number),) if number else ()
    name = normalise_name(values["full_name"]) if values.get("full_name") else ""
    if not name or birth is None:
        return Known(numbers)
    born = str(birth)
    full = len(born) > 4
    weak = []
    if full:  # accents lost, day and month swapped
        weak.append(("parts", bare(name), born[:4], *sorted((born[5:7], born[8:10]))))
    if area:
        weak.append(("commune", bare(name), born[:4], area.partition("@")[0]))
    return Known(numbers, ("name", name, born, sex) if full and sex else None, tuple(weak))


class Links:
    """Persons joined to groups. Nodes are numbered; a group is named by one of its nodes."""

    def __init__(self) -> None:
        self._parent: list[int] = []

    def node(self) -> int:
        """A person of his own."""
        self._parent.append(len(self._parent))
        return len(self._parent) - 1

    def find(self, node: int) -> int:
        """The group's name."""
        root = node
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[node] != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def join(self, one: int, other: int) -> None:
        """These two are one human being."""
        self._parent[self.find(one)] = self.find(other)


@dataclass(slots=True)
class Roll:
    """Everybody on both sides: which row and which record is which person, and what tells of them."""

    links: Links = field(default_factory=Links)
    rows: dict[int, int] = field(default_factory=dict)
    records: dict[UUID, int] = field(default_factory=dict)
    known_rows: dict[int, Known] = field(default_factory=dict)
    known_records: dict[UUID, Known] = field(default_factory=dict)
    withdrawn: dict[Token, Ours] = field(default_factory=dict)

    def of_row(self, theirs: Theirs) -> Person:
        """The person of a row."""
        return self.links.find(self.rows[theirs.number])

    def of_record(self, ours: Ours) -> Person:
        """The person of a record."""
        return self.links.find(self.records[ours.record])

    def join_pairs(self, pairs: Iterable[Pair]) -> None:
        """One record is about one person: whoever a row says it is, it is the record's."""
        for pair in pairs:
            if pair.theirs.number in self.rows and pair.ours.record in self.records:
                self.links.join(self.rows[pair.theirs.number], self.records[pair.ours.record])


def roll_of(form: Form, theirs: Sequence[Theirs], ours: Sequence[Ours], pairs: Iterable[Pair]) -> Roll:
    """Join rows and records to persons. Records whose identity the caller may not read take no part."""
    roll = Roll()
    numbers: dict[Token, list[int]] = defaultdict(list)
    names: dict[Token, list[int]] = defaultdict(list)
    own: dict[object, int] = {}
    for record in ours:
        identity = record.identity
        if identity is None:
            continue
        tokens = known(record.values, record.area)
        if record.voided:
            for token in (*tokens.numbers, tokens.name):
                if token is not None:
                    roll.withdrawn.setdefault(token, record)
            continue
        who = record.person or record.record
        node = own[who] = own[who] if who in own else roll.links.node()
        roll.records[record.record], roll.known_records[record.record] = node, tokens
        _carry(tokens, node, numbers, names)
    listed: dict[object, int] = {}
    for row in theirs:
        number = (row.unit, row.first_key) if form.person_key and row.first_key else row.number
        node = listed[number] = listed[number] if number in listed else roll.links.node()
        tokens = known(row.values, row.area)
        roll.rows[row.number], roll.known_rows[row.number] = node, tokens
        _carry(tokens, node, numbers, names)
    roll.join_pairs(pairs)
    _join(roll.links, numbers, names)
    return roll


def _carry(tokens: Known, node: int, numbers: dict[Token, list[int]], names: dict[Token, list[int]]) -> None:
    for token in tokens.numbers:
        numbers[token].append(node)
    if tokens.name is not None:
        names[tokens.name].append(node)


def _join(links: Links, numbers: Mapping[Token, list[int]], names: Mapping[Token, list[int]]) -> None:
    """National IDs always join; a name joins while its groups hold at most one number of each length."""
    for carriers in numbers.values():
        for node in carriers[1:]:
            links.join(carriers[0], node)
    holds: dict[int, set[str]] = defaultdict(set)
    for (kind, _), carriers in numbers.items():
        holds[links.find(carriers[0])].add(kind)
    for _, carriers in sorted(names.items()):
        roots = {links.find(node) for node in carriers}
        if any(sum(kind in holds.get(root, ()) for root in roots) > 1 for kind in _NUMBERS):
            continue
        held = set().union(*(holds.pop(root, set()) for root in roots))
        for node in carriers[1:]:
            links.join(carriers[0], node)
        holds[links.find(carriers[0])] = held


class Likenesses:
    """Who might be who: same name, birth and sex though the numbers contradict; the same but for accents or with day
    and month swapped; same name, year and commune."""

    def __init__(self) -> None:
        self._rows: dict[Token, Theirs] = {}
        self._records: dict[Token, Ours] = {}

    def add(self, tokens: Known, who: Theirs | Ours) -> None:
        """One who was not found on the other side."""
        for token in (tokens.name, *tokens.weak):
            if token is not None:
                if isinstance(who, Ours):
                    self._records.setdefault(token, who)
                else:
                    self._rows.setdefault(token, who)

    def row(self, tokens: Known) -> Theirs | None:
        """A row that may be this record's."""
        told = (self._rows.get(token) for token in (tokens.name, *tokens.weak) if token is not None)
        return next((row for row in told if row is not None), None)

    def record(self, tokens: Known) -> Ours | None:
        """A record that may be this row's."""
        told = (self._records.get(token) for token in (tokens.name, *tokens.weak) if token is not None)
        return next((record for record in told if record is not None), None)
