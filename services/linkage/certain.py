"""The rule of certain links: which records are one human being beyond doubt.

A national ID joins all who carry it. A full name with full birth date and sex joins its carriers while their national
IDs do not contradict each other: of the groups that these carriers are in by then, at most one holds a 12-digit number
and at most one a 9-digit number. Else the name joins none of them. A birth year alone never links, nor do name, birth
year and commune.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from services.linkage.groups import Groups, Item

Name = TypeVar("Name")


def join_certain(
    groups: Groups[Item],
    numbers: Iterable[tuple[Hashable, Sequence[Item]]],
    names: Iterable[tuple[Name, Sequence[Item]]],
) -> list[Name]:
    """Join in ``groups`` the records that are one human being; return the names that joined some.

    ``numbers``: for each national ID its kind (12 or 9 digits) and its carriers. ``names``: for each name with birth
    date and sex its carriers. Names are taken in the order given, and an earlier one may add a number to the group of
    a later one: so the caller fixes the order by something that never changes.

    Example: A carries number 1 and name N, B carries number 2 and name N, C carries N alone. N joins nobody. If B's
    number is corrected to 1, N joins all three.
    """
    held: dict[Item, set[Hashable]] = defaultdict(set)
    first: list[tuple[Hashable, Item]] = []
    for kind, carriers in numbers:
        # Kept for later: which item represents a group is known only when all numbers have joined.
        first.append((kind, carriers[0]))
        _join_all(groups, carriers)
    for kind, carrier in first:
        held[groups.find(carrier)].add(kind)
    joined: list[Name] = []
    for name, carriers in names:
        roots = {groups.find(carrier) for carrier in carriers}
        kinds = [kind for root in roots for kind in held.get(root, ())]
        # A kind that occurs twice means two different numbers in what would become one person.
        if len(kinds) > len(set(kinds)):
            continue
        # After the join one item represents all of them; what is stored for the others would be out of date.
        for root in roots:
            held.pop(root, None)
        _join_all(groups, carriers)
        held[groups.find(carriers[0])] = set(kinds)
        joined.append(name)
    return joined


def _join_all(groups: Groups[Item], carriers: Sequence[Item]) -> None:
    for carrier in carriers[1:]:
        groups.join(carriers[0], carrier)
