"""Find the events to publish: compare the edges that follow from the observations with those published last."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.registry.index.domain.edges import Edge


@dataclass(frozen=True, slots=True)
class Published:
    """An edge as its last event contained it."""

    edge: Edge
    sequence: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class LinkChange:
    """The next event of an edge: made, changed or withdrawn."""

    kind: Literal["linked", "unlinked"]
    edge: Edge
    sequence: int

    @property
    def published(self) -> Published:
        """Return the published state of the edge after this event."""
        return Published(self.edge, self.sequence, self.kind == "unlinked")


def changes(edges: Iterable[Edge], published: Iterable[Published]) -> list[LinkChange]:
    """Return the events that bring the published edges to the given ones, by edge id; none where nothing changed.

    An edge that is no longer among ``edges`` is withdrawn, since no version of any record supports it. An edge that only
    ended is still among them, with an end of its record time.
    """
    before = {each.edge.id: each for each in published}
    plan: list[LinkChange] = []
    for edge in edges:
        known = before.pop(edge.id, None)
        if known is None:
            plan.append(LinkChange("linked", edge, 1))
        # The sequence continues after a withdrawal: readers take the event with the highest one (ADR 0001).
        elif known.withdrawn or known.edge != edge:
            plan.append(LinkChange("linked", edge, known.sequence + 1))
    plan.extend(
        LinkChange("unlinked", known.edge, known.sequence + 1)
        for known in before.values()
        if not known.withdrawn
    )
    # A fixed order: the same facts give the same events in the same order, whatever order sets have.
    return sorted(plan, key=lambda change: change.edge.id)
