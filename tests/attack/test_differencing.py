"""No hidden count follows from all that an outsider is told by all routes together."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass

import pytest

from deploy.embedded.postgres import PostgresServer
from reference import FIGURES
from tests.attack.differencing import Attacked, Relation, attack
from tests.attack.readers import WITNESS
from tests.attack.releases import CROSSED, Cell, Released, released
from tests.attack.sweep import Told, is_own, relations_of, remains_of, told_to
from tests.attack.twins import Province, served
from tests.support.small_province import AGENCIES, DAY

pytestmark = pytest.mark.timeout(900)
ANALYST = "analyst, committee"
OUTSIDE = (ANALYST, "official, police", "clerk, health", "official, labour")
"""One of each kind: who sees no agency's numbers exactly, and who sees one's."""
NARROWED_AT_MOST = 0
"""Of how many hidden cells an outsider may know that they are one of two values: so far of none."""
Noted = Callable[[str, object], None]


@dataclass(frozen=True)
class World:
    """The true counts, what adds up among them, and what is released to whoever may not see them."""

    values: Mapping[Cell, int]
    relations: list[Relation]
    released: Released
    told: Mapping[str, Told]

    def known(self, reader: str) -> Mapping[Cell, int]:
        """What the reader was told, and whatever is released: a release may be asked for by everybody."""
        public = {cell: value for cell, value in self.released.shown.items() if value is not None}
        return public | self.told[reader].shown

    def targets(self, reader: str) -> set[Cell]:
        """Cells of which a route says that they are hidden, and small counts that none tells; none that is the reader's own."""
        known = self.known(reader)
        small = {cell for cell, value in self.values.items() if 0 < value < 5}
        candidates = (self.told[reader].hidden | small) & self.values.keys() - known.keys()
        return {cell for cell in candidates if not is_own(cell, reader, known)}

    def attacked(
        self, reader: str, planted: Collection[Cell] = (), targets: Collection[Cell] | None = None
    ) -> Attacked:
        """What follows from all that the reader knows, and from numbers that are planted beside it."""
        known = {*self.known(reader), *planted}
        wanted = self.targets(reader) if targets is None else targets
        return attack(self.values, known, wanted, self.relations, self.released.ranges)


@pytest.fixture(scope="module")
async def own(migrated: PostgresServer) -> AsyncIterator[Province]:
    """A province of its own: what is released in it follows from what is asked here alone."""
    async with served(migrated, ()) as made:
        yield made


@pytest.fixture(scope="module")
async def world(own: Province) -> World:
    told = {reader: await told_to(own, reader) for reader in OUTSIDE}
    exact = await told_to(own, WITNESS)
    assert exact.clashes == []
    # Nobody set a target: a number that is not there, and no count of persons.
    assert {cell.figure for cell in exact.hidden} <= {"detox.compulsory_target"}
    relations = list(relations_of(exact.shown))
    return World(
        exact.shown | dict(remains_of(exact.shown, relations)), relations, await released(own.platform), told
    )


@pytest.mark.parametrize("reader", OUTSIDE)
async def test_no_hidden_count_follows_from_all_routes_together(
    world: World, reader: str, record_property: Noted
) -> None:
    told = world.told[reader]
    assert told.clashes == []
    found = world.attacked(reader)
    record_property(
        "attack",
        {
            "reader": reader,
            "told": told.known_by(),
            "tried": len(found.tried),
            "recovered": len(found.recovered),
            "narrowed": len(found.narrowed),
            "of tables": len([cell for cell in found.tried if CROSSED in cell.place]),
        },
    )
    assert len(found.tried) > 100
    assert [cell for cell in found.tried if CROSSED in cell.place]
    assert found.recovered == []
    assert len(found.narrowed) <= NARROWED_AT_MOST, found.narrowed
    assert told.shown.keys() == {cell for source in told.by_route.values() for cell in source.cells}


@pytest.mark.parametrize("reader", OUTSIDE)
async def test_what_is_shown_of_others_is_what_was_released(world: World, reader: str) -> None:
    compared = 0
    for cell, value in world.told[reader].shown.items():
        assert value == world.values[cell], cell
        if cell in world.released.shown and not is_own(cell, reader, {}):
            assert value == world.released.shown[cell], cell
            compared += 1
    assert compared > 100


async def test_a_check_told_exactly_beside_released_figures_gives_hidden_counts_away(world: World) -> None:
    """The trial's attack: a figure less a check is what the release hides."""
    planted = [cell for cell in world.released.marks if cell.figure == "check.registry.addict_without_slip"]
    assert len(planted) > 200
    found = world.attacked(ANALYST, planted)
    assert len([cell for cell in found.recovered if cell.figure == "registry.addicts_with_file"]) > 20


@pytest.mark.parametrize("agency", AGENCIES)
async def test_a_small_count_falls_as_soon_as_what_protects_it_is_told(world: World, agency: str) -> None:
    """Of a sum with a small hidden count everything else is told."""
    known, hidden = world.known(ANALYST), world.released.ranges
    protected = [
        (cell, others)
        for relation in world.relations
        for cell, _ in relation
        if cell in hidden and 0 < world.values[cell] < 5
        if cell.figure in FIGURES and FIGURES[cell.figure].owner_on(DAY) == agency
        if (others := [other for other, _ in relation if other != cell and other not in known])
    ]
    cell, others = min(protected, key=lambda one: (len(one[1]), one))
    assert world.attacked(ANALYST, others, [cell]).recovered == [cell]


@pytest.mark.parametrize("reader", OUTSIDE)
async def test_no_cell_of_a_table_of_a_protected_figure_is_told(world: World, reader: str) -> None:
    told = world.told[reader]
    tables = {cell for cell in (*told.shown, *told.hidden) if CROSSED in cell.place}
    assert {cell for cell in tables if not is_own(cell, reader, {})} == set()
    others = [cell for cell in world.values if CROSSED in cell.place and not is_own(cell, reader, {})]
    assert len(others) > 300


async def test_a_table_told_beside_released_figures_gives_a_hidden_count_away(world: World) -> None:
    """The cells of a place whose total is hidden add up to it."""
    hidden = world.released.ranges
    cell, parts = min(
        (relation[0][0], [part for part, _ in relation[1:]])
        for relation in world.relations
        if CROSSED in relation[-1][0].place and relation[0][0] in hidden
    )
    assert world.attacked(ANALYST, targets=[cell]).recovered == []
    assert world.attacked(ANALYST, parts, [cell]).recovered == [cell]
