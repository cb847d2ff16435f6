"""What the checks tell of numbers that wait: the same, whether another agency has a guessed number or nobody.

The links are those that the person index computes of the records, not written by the test.
"""

from datetime import date
from uuid import UUID

import pytest

from contracts.envelope import start_of_day
from services.chassis.platform import Platform
from services.linkage import Said
from services.registry.index.domain.edges import certain_edges
from services.registry.index.domain.knowledge import Observation, TokenKind, token
from services.registry.index.domain.limits import EVER, Limits
from tests.component.reporting.checks.support import found, on_methadone, people
from tests.support.reporting import Log, ask, fold, listed, named

SINCE = date(2023, 1, 1)
GUESSED = token(TokenKind.NID12, "guessed")
INVENTED = Said("female", "Bịa", 1971, doubted=True, agency="police")
PATIENT = Said("male", "An", 1988, agency="health")
OTHER_PATIENT = Said("female", "Bình", 1977, agency="health")


def linked(log: Log, records: dict[str, Said]) -> None:
    """The index's events of records that carry the guessed number."""
    names = {named(f"ref {who}"): who for who in records}
    seen = [
        Observation(named(f"record {who}"), 1, ref, (GUESSED,), start_of_day(SINCE), records[who])
        for ref, who in names.items()
    ]
    for edge in certain_edges(seen, Limits(((EVER, 5),))):
        ref: UUID = edge.ref
        waits = str(edge.basis) if edge.waits else None
        log.link(names[ref], str(edge.person), known=edge.known_from, until=edge.known_until, waits=waits)


@pytest.mark.parametrize("somebody", [True, False])
async def test_one_invented_row_is_listed_alike_whether_somebody_has_its_number_or_nobody(
    platform: Platform, somebody: bool
) -> None:
    # Given a row of the police with a guessed number that contradicts it, and a patient who may have the number
    log = Log()
    listed(log, "invented", "user", SINCE)
    on_methadone(log, "patient", SINCE)
    linked(log, {"invented": INVENTED} | ({"patient": PATIENT} if somebody else {}))
    await fold(platform, log.messages)
    # Then the police are told of their row either way, and the clinic's check is not changed by it
    assert await found(platform, "registry.pending_link") == people("invented")
    assert await found(platform, "methadone.pending_link") == set()


@pytest.mark.parametrize("somebody", [True, False])
async def test_two_rows_that_contradict_only_another_agency_s_record_are_not_listed(
    platform: Platform, somebody: bool
) -> None:
    log = Log()
    for who in ("first", "second"):
        listed(log, who, "user", SINCE)
    on_methadone(log, "patient", SINCE)
    rows = {who: Said("female", who, 1971, agency="police") for who in ("first", "second")}
    linked(log, rows | ({"patient": PATIENT} if somebody else {}))
    await fold(platform, log.messages)
    assert await found(platform, "registry.pending_link") == set()
    assert await found(platform, "methadone.pending_link") == set()
    assert "pending" not in await ask(platform, "methadone.active", as_of="2023-12-14")


async def test_records_of_one_agency_that_contradict_each_other_are_listed_to_it(platform: Platform) -> None:
    log = Log()
    listed(log, "invented", "user", SINCE)
    for who in ("patient", "other"):
        on_methadone(log, who, SINCE)
    linked(log, {"invented": INVENTED, "patient": PATIENT, "other": OTHER_PATIENT})
    await fold(platform, log.messages)
    assert await found(platform, "methadone.pending_link") == people("patient", "other")
    answer = await ask(platform, "methadone.active", as_of="2023-12-14")
    assert (answer["value"], answer["pending"]) == (2, {"links": 1, "at_most": 1})
