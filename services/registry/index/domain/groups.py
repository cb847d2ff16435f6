"""Disjoint groups (union–find)."""

from collections import defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Groups(Generic[Item]):
    """Items that were joined, directly or through others, are in one group; an item alone is its own group."""

    def __init__(self) -> None:
        self._parent: dict[Item, Item] = {}

    def find(self, item: Item) -> Item:
        """The item that stands for the group."""
        parent = self._parent
        root = parent.setdefault(item, item)
        while parent[root] != root:
            root = parent[root]
        while parent[item] != root:
            parent[item], item = root, parent[item]
        return root

    def join(self, one: Item, other: Item) -> Item:
        """Make the groups of both one group; returns the item that stands for it."""
        root = self.find(one)
        self._parent[self.find(other)] = root
        return root

    def all(self) -> list[list[Item]]:
        """Every group of the items seen so far."""
        members: dict[Item, list[Item]] = defaultdict(list)
        for item in list(self._parent):
            members[self.find(item)].append(item)
        return list(members.values())
