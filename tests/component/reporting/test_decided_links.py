"""A link that somebody decided joins two records in figures from then on, and parts them again from its undoing on."""

from datetime import date

from services.chassis.platform import Platform
from tests.support.reporting import Log, ask, fold, listed

SINCE, DECIDED, UNDONE, LATER = date(2023, 1, 1), date(2023, 6, 1), date(2023, 8, 1), date(2023, 9, 1)


async def test_figures_after_an_undo_are_those_before_the_decision(platform: Platform) -> None:
    # Given one man who stands on the register twice
    log = Log()
    for who in ("HS-1", "HS-2"):
        listed(log, who, "user", SINCE)
    await fold(platform, log.messages)

    async def users(known: date | None = None) -> int:
        more = {} if known is None else {"known_at": known.isoformat()}
        answer = await ask(platform, "registry.users", as_of="2023-05-01", **more)
        value: int = answer["value"]
        return value

    before = await users()
    assert before == 2
    # When it is decided that both are one person
    for who in ("HS-1", "HS-2"):
        log.link(who, "decision", known=DECIDED, basis="clerk")
    await fold(platform, log.messages)
    assert await users() == before - 1
    # And undone
    for who in ("HS-1", "HS-2"):
        log.link(who, "decision", known=DECIDED, until=UNDONE, basis="clerk")
    await fold(platform, log.messages)
    # Then figures are what they were, and what was known in between is explained as it was told
    assert await users() == before
    assert [await users(day) for day in (SINCE, DECIDED, UNDONE, LATER)] == [2, 1, 2, 2]
