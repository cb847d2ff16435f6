"""What to publish: the edges as they follow from the observations against the edges as last published."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.registry.index.domain.edges import Edge


@dataclass(frozen=True, slots=True)
class Published:
    """An edge as its last event told it."""

    edge: Edge
    sequence: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class LinkChange:
    """The next event of an edge."""

    kind: Literal["linked", "unlinked"]
    edge: Edge
    sequence: int

    @property
    def published(self) -> Published:
        """Return the edge as it stands once this is published."""
        return Published(self.edge, self.sequence, self.kind == "unlinked")


def changes(edges: Iterable[Edge], published: Iterable[Published]) -> list[LinkChange]:
    """Return the events that bring the published edges to the given ones, by edge id; none where nothing changed.

    An edge that is not there any more is withdrawn: no version of any record supports it. An edge that merely
    ceased to hold is still there, with an end to its record time.
    """
    before = {each.edge.id: each for each in published}
    plan: list[LinkChange] = []
    for edge in edges:
        known = before.pop(edge.id, None)
        if known is None:
            plan.append(LinkChange("linked", edge, 1))
        # The sequence goes on after a withdrawal: readers take the highest one as the state (ADR 0001).
        elif known.withdrawn or known.edge != edge:
            plan.append(LinkChange("linked", edge, known.sequence + 1))
    plan.extend(
        LinkChange("unlinked", known.edge, known.sequence + 1)
        for known in before.values()
        if not known.withdrawn
    )
    # A fixed order: the same facts give the same events in the same order, whatever order sets have.
    return sorted(plan, key=lambda change: change.edge.id)
