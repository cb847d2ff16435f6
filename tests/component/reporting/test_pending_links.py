"""Links that wait for a clerk: figures count as if they were not there, and say by how much they could fall."""

from datetime import date

from services.chassis.platform import Platform
from tests.component.reporting.checks.support import found, on_methadone, people
from tests.support.reporting import Log, ask, fold, listed, value

FIGURE, DAY = "registry.addicts_with_file", "2023-12-14"
SINCE, KNOWN = date(2023, 1, 1), date(2023, 6, 1)


def three_of_one_number(log: Log) -> None:
    for who in ("an", "binh", "chi", "dung"):
        listed(log, who, "addict", SINCE)
    for who in ("an", "binh", "chi"):
        log.link(who, "number", known=KNOWN, waits="contradiction")


async def test_a_link_that_waits_joins_nobody_and_the_figure_says_what_it_would_change(
    platform: Platform,
) -> None:
    # Given three people on the register with one number that waits, and one without
    log = Log()
    three_of_one_number(log)
    await fold(platform, log.messages)
    # Then all count, and at most two of them are somebody else
    answer = await ask(platform, FIGURE, as_of=DAY)
    assert (answer["value"], answer["pending"]) == (4, {"links": 1, "at_most": 2})
    # Before it was known that the number waits, nothing was said of it
    assert "pending" not in await ask(platform, FIGURE, as_of=DAY, known_at="2023-05-01")


async def test_what_is_settled_is_said_no_more(platform: Platform) -> None:
    log = Log()
    three_of_one_number(log)
    for who in ("an", "binh", "chi"):
        log.link(who, "number", known=KNOWN, waits="contradiction", unlink=True)
    await fold(platform, log.messages)
    assert "pending" not in await ask(platform, FIGURE, as_of=DAY)


async def test_links_that_are_made_beside_it_are_not_counted_again(platform: Platform) -> None:
    """A part of the carriers is one human being already; only who is left could be one with them."""
    log = Log()
    three_of_one_number(log)
    for who in ("an", "binh"):
        log.link(who, "part of the number", known=KNOWN)
    await fold(platform, log.messages)
    answer = await ask(platform, FIGURE, as_of=DAY)
    assert (answer["value"], answer["pending"]) == (3, {"links": 1, "at_most": 1})


async def test_a_figure_that_counts_one_of_them_or_no_persons_says_nothing(platform: Platform) -> None:
    log = Log()
    three_of_one_number(log)
    on_methadone(log, "an on methadone", SINCE)
    log.link("an on methadone", "number", known=KNOWN, waits="contradiction")
    await fold(platform, log.messages)
    assert "pending" not in await ask(platform, "methadone.active", as_of=DAY)
    assert "pending" not in await ask(platform, "methadone.sites", as_of=DAY)
    assert await value(platform, "methadone.active", as_of=DAY) == 1


async def test_whose_number_waits_is_listed_to_the_register_s_agency(platform: Platform) -> None:
    log = Log()
    three_of_one_number(log)
    on_methadone(log, "an on methadone", SINCE)
    on_methadone(log, "em", SINCE)
    log.link("an on methadone", "number", known=KNOWN, waits="structure")
    await fold(platform, log.messages)
    assert await found(platform, "registry.pending_link") == people("an", "binh", "chi")
    assert await found(platform, "methadone.pending_link") == people("an on methadone")
    assert await found(platform, "detox.pending_link") == set()
    assert await found(platform, "registry.pending_link", known=date(2023, 5, 1)) == set()
