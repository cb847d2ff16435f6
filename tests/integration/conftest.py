"""One whole stack per broker for the integration tests: four services, PostgreSQL, the broker, nothing faked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.figures import whole_year
from tests.support.stack.endings import end_in_good_order
from tests.support.stack.harness import Province
from tests.support.stack.lanes import need_kafka
from tests.support.stack.order import shared_stacks_last
from tests.support.stack.registers import Registers
from tests.support.stack.rows import site

SEED = 2023


def pytest_configure() -> None:
    """Nothing of a stack outlives its run."""
    end_in_good_order()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starting a stack counts against the first test that asks for it; those that start stacks of their own come first."""
    shared_stacks_last(items, Path(__file__).parent, ("province",))
    for item in items:
        if Path(__file__).parent in Path(item.path).parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(
    scope="package",
    params=[
        pytest.param("embedded", marks=pytest.mark.embedded),
        pytest.param("kafka", marks=pytest.mark.kafka),
    ],
)
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A running stack; tests share it, so each uses record numbers, communes and days of its own."""
    if request.param == "kafka":
        need_kafka()
    with Province(
        tmp_path_factory.mktemp(f"integration-{request.param}"), request.param, split=False
    ) as running:
        # Nothing was known before the first record, and a question about then is refused: so there is an old one.
        running.hand_in("facilities", [site("CS-00")])
        yield running


@pytest.fixture(scope="package")
def registers() -> Registers:
    """A small invented province over all sixteen forms."""
    return Registers(SEED)


@pytest.fixture(scope="package")
def before_filled(province: Province, registers: Registers) -> dict[str, int]:
    """What other tests had brought into the figures of the small province before it was handed in."""
    province.settled()
    return {code: whole_year(province, code)["value"] for code in registers.truth(3)}


@pytest.fixture(scope="package")
def filled(province: Province, registers: Registers, before_filled: dict[str, int]) -> Province:
    """The stack with three slices of the small province in it, current."""
    for number in range(3):
        for batch in registers.slice(number):
            province.hand_in(batch.form, batch.rows)
    province.settled()
    return province
