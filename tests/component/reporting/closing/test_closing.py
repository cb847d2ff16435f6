"""Closing: frozen, hashed, chained, signed; nothing changes what is closed; replay gives the same bytes."""

from datetime import UTC, date, datetime, timedelta

from contracts.closing import GENESIS, check_chain, check_closing, public_key
from tests.component.reporting.closing.conftest import Office
from tests.component.reporting.support import A, CHI_LINH, Log, fold, listed, person


def story() -> Log:
    log = Log()
    listed(log, "an", "user", date(2023, 2, 1))
    listed(log, "binh", "addict", date(2023, 3, 1), presence="community")
    listed(log, "chi", "user", date(2023, 4, 1), commune=CHI_LINH)
    log.write(
        "fires",
        "f1",
        commune=A["commune"],
        alarm_at=datetime(2023, 5, 1, 3, tzinfo=UTC),
        place="dwelling",
        damage_vnd=150_000_000,
        counts_as_case=True,
    )
    log.write(
        "drug_cases",
        "d1",
        **A,
        detected_on=date(2023, 6, 1),
        offence="trade",
        subjects=2,
        seized_grams="1.25",
    )
    return log


def value(closing: dict, figure: str, row: str | None = None) -> object:
    (cell,) = [c for c in closing["cells"] if c["figure"] == figure and c["row"] == row]
    return cell["value"]


async def test_a_closing_freezes_every_cell_and_proves_itself(office: Office) -> None:
    await fold(office.platform, story().messages)
    closing = await office.close(note="thử")
    key = (await office.get("/key")).json()
    assert check_closing(closing, public_key(key["public_key"].encode())) == []
    assert closing["previous_hash"] == GENESIS
    assert value(closing, "registry.users") == 2
    assert value(closing, "registry.users", "10546") == 1
    assert value(closing, "drug_cases.seized_grams") == "1.25"
    assert len(closing["cells"]) > 10_000


async def test_replay_gives_the_same_bytes_after_late_facts(office: Office) -> None:
    log = story()
    await fold(office.platform, log.messages)
    closing = await office.close()
    before = (await office.get(f"/{closing['id']}")).content
    seen = len(log.messages)
    office.clock.advance(timedelta(days=3))
    log.link("an", "one", known=date(2023, 7, 1))
    log.link("chi", "one", known=date(2023, 7, 1))
    listed(log, "dung", "user", date(2023, 2, 2))
    listed(log, "an", "addict", date(2023, 2, 10))
    log.write("registry", f"chi {date(2023, 4, 1)}", void=True, recorded=date(2023, 8, 1))
    await fold(office.platform, log.messages[seen:])
    replayed = await office.replay(closing)
    assert (replayed["equal"], replayed["different"]) == (True, [])
    assert (await office.get(f"/{closing['id']}")).content == before
    revised = await office.revisions(closing)
    for cell in revised["cells"]:
        if cell["by"] is None:
            print(cell)
        if cell["additive"]:
            assert sum(float(c["count"]) for c in cell["causes"]) == float(cell["new"] or 0) - float(
                cell["old"] or 0
            )
    assert revised["cells"]
