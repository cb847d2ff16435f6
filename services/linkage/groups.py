"""Disjoint groups (union-find)."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Groups(Generic[Item]):
    """Items that were joined, directly or through others, are in one group; an item alone is its own group."""

    def __init__(self) -> None:
        self._parent: dict[Item, Item] = {}

    def find(self, item: Item) -> Item:
        """Return the item that represents the group; the next `join` may change which of its items that is."""
        parent = self._parent
        root = parent.setdefault(item, item)
        while parent[root] != root:
            root = parent[root]
        # From now on each item on the path points to the root; long chains would make every search slow.
        while parent[item] != root:
            parent[item], item = root, parent[item]
        return root

    def join(self, one: Item, other: Item) -> None:
        """Make the groups of both one group."""
        root = self.find(one)
        self._parent[self.find(other)] = root
