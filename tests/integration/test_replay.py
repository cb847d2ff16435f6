"""Rebuilding reporting from the log and refilling the log from the outboxes end with the same figures."""

from deploy.embedded.state import SERVICES
from tests.support.stack.cli import khopso
from tests.support.stack.harness import Province
from tests.support.stack.parts import wait_for


def live_generation(province: Province) -> int:
    """The generation of tables that answers questions."""
    ((number,),) = province.sql("reporting", "SELECT number FROM generation WHERE state = 'live'")
    return int(number)


def operator(province: Province) -> str:
    """A token of an operator: nobody else rebuilds or republishes."""
    return province.issuer.mint("committee:30", "operator")


def test_a_rebuild_ends_with_identical_figures(filled: Province) -> None:
    filled.settled()
    before, generation = filled.figures(broad=True), live_generation(filled)
    assert khopso(filled, "rebuild", "reporting", token=operator(filled))["state"] == "live"
    wait_for(lambda: live_generation(filled) > generation, 120, "the new generation is live")
    assert filled.figures(broad=True) == before
    filled.settled()
    assert filled.figures(broad=True) == before


def test_republishing_every_service_ends_with_identical_figures(filled: Province) -> None:
    filled.settled()
    before = filled.figures(broad=True)
    for service in SERVICES:
        khopso(filled, "republish", service, token=operator(filled))
    filled.settled()
    assert filled.figures(broad=True) == before
