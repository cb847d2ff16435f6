"""The rule of certain links: which records are one human being beyond doubt.

A national ID joins its carriers as far as `joined_by` says. A full name with full birth date and sex joins its carriers
while their national IDs do not contradict each other: the groups that these carriers are in by then bring no two different
12-digit numbers together, and no two 9-digit ones. Else the name joins none of them. A birth year alone never links, nor do
name, birth year and commune.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.linkage.groups import Groups, Item

Name = TypeVar("Name")
_Held = set[tuple[Hashable, Hashable]]


@dataclass(frozen=True, slots=True)
class Number(Generic[Item]):
    """A national ID: its kind (12 or 9 digits), itself, all who carry it, and the groups of them that it joins."""

    kind: Hashable
    number: Hashable
    carriers: Sequence[Item]
    parts: Iterable[Sequence[Item]]


def join_certain(
    groups: Groups[Item], numbers: Iterable[Number[Item]], names: Iterable[tuple[Name, Sequence[Item]]]
) -> list[Name]:
    """Join in ``groups`` the records that are one human being; return the names that joined some.

    ``names``: for each name with birth date and sex its carriers. Names are taken in the order given, and an earlier one may
    add a number to the group of a later one: so the caller fixes the order by something that never changes.

    Example: A carries number 1 and name N, B carries number 2 and name N, C carries N alone. N joins nobody. If B's
    number is corrected to 1, N joins all three.
    """
    held: dict[Item, _Held] = defaultdict(set)
    # Kept for later: which item represents a group is known only when all numbers have joined.
    carried = list(numbers)
    for number in carried:
        for part in number.parts:
            _join_all(groups, part)
    for number in carried:
        for carrier in number.carriers:
            held[groups.find(carrier)].add((number.kind, number.number))
    joined: list[Name] = []
    for name, carriers in names:
        roots = {groups.find(carrier) for carrier in carriers}
        numbered = [held[root] for root in roots if root in held]
        if _contradict(numbered):
            continue
        # After the join one item represents all of them; what is stored for the others would be out of date.
        for root in roots:
            held.pop(root, None)
        _join_all(groups, carriers)
        held[groups.find(carriers[0])] = set().union(*numbered)
        joined.append(name)
    return joined


def _contradict(groups: Sequence[_Held]) -> bool:
    """Return whether joining the groups would bring two different numbers of one kind together."""
    together: dict[Hashable, list[set[Hashable]]] = defaultdict(list)
    for held in groups:
        by_kind: dict[Hashable, set[Hashable]] = defaultdict(set)
        for kind, number in held:
            by_kind[kind].add(number)
        for kind, found in by_kind.items():
            together[kind].append(found)
    # A group may hold two already, where a register says so under one of its own numbers: that is not for names to doubt.
    return any(max(sets, key=len) != set().union(*sets) for sets in together.values())


def _join_all(groups: Groups[Item], carriers: Sequence[Item]) -> None:
    for carrier in carriers[1:]:
        groups.join(carriers[0], carrier)
