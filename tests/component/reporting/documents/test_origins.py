"""Where a report's numbers come from: the registers, a closing, a release, a declaration."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

import httpx

from services.chassis.platform import Platform
from tests.component.reporting.documents.world import HAI_DUONG, NOW, listed
from tests.support.callers import bearer
from tests.support.clock import FixedClock
from tests.support.closings import ACCEPTED
from tests.support.reporting import Log, fold


async def report(
    client: httpx.AsyncClient, name: str, who: str = "committee", **given: str
) -> dict[str, Any]:
    answer = await client.get(f"/v1/reports/{name}.json", params=given, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def totals(document: dict[str, Any]) -> dict[str, Any]:
    return {cell["figure"]: cell["value"] for cell in document["cells"] if not cell["by"]}


def words(document: dict[str, Any]) -> str:
    return "\n".join(
        "".join(run.get("text") or run.get("shown", "") for run in block["runs"])
        for block in document["body"]
        if block["type"] == "paragraph"
    )


def table(document: dict[str, Any], key: str) -> dict[str, Any]:
    blocks = [*document["body"], *(block for annex in document["annexes"] for block in annex["blocks"])]
    return next(block for block in blocks if block["type"] == "table" and block["key"] == key)


async def test_a_report_of_a_closing_prints_its_frozen_numbers_and_lists_what_changed_since(
    office: tuple[Platform, httpx.AsyncClient, Log],
) -> None:
    platform, client, _ = office
    order = {
        "calendar": "committee",
        "period": "2023",
        "figures": "annual",
        "name": "Nguyễn Văn Khóa",
        "accept_missing": ACCEPTED,
    }
    answer = await client.post("/v1/closings", json=order, headers={"Authorization": "Bearer committee"})
    assert answer.status_code in (200, 201), answer.text
    closing = answer.json()

    before = await report(client, "annual", closing=closing["id"], known_at=NOW.isoformat())
    sent = await _sent_up(client, closing["id"])
    late = Log()
    listed(late, "late", "addict", date(2023, 6, 1), HAI_DUONG, recorded=NOW + timedelta(hours=1))
    await fold(platform, late.messages)
    cast(FixedClock, platform.clock).advance(timedelta(days=1))
    after = await report(client, "annual", closing=closing["id"])

    assert totals(before)["registry.addicts_with_file"] == totals(after)["registry.addicts_with_file"] == 7
    assert dict(_provenance(after))["Mã kiểm chứng nội dung (SHA-256)"] == closing["content_hash"]
    assert closing["content_hash"] in words(after)
    assert "Nguyễn Văn Khóa" in words(after)
    revised = table(after, "revisions")
    first = next(row for row in revised["rows"] if row["key"] == "registry.addicts_with_file")
    assert first["cells"][1]["shown"] == "Người nghiện có hồ sơ quản lý"
    assert [cell["value"] for cell in first["cells"][4:7]] == [7, 8, 1]
    assert first["cells"][-1]["shown"] == "registry.addicts_with_file"
    assert "không có số liệu nào thay đổi" in words(before)
    # And what its office sent up with it is read again as it was sent
    again = await report(client, "annual", closing=closing["id"], known_at=sent)
    assert "không có số liệu nào thay đổi" in words(again)
    assert "Ổn định" in words(again)


async def _sent_up(client: httpx.AsyncClient, closing: str) -> str:
    """Write a text beside a closing's numbers, which are not printed with a draft, and send it; return what was known then."""
    path, params = "/v1/reports/annual/composition", {"closing": closing}
    for seen, step in enumerate(({"act": "written", "remarks": "Ổn định."}, {"act": "submitted"})):
        assert "Ổn định" not in words(await report(client, "annual", closing=closing))
        body = {"seen": seen, **step}
        answer = await client.post(path, params=params, json=body, headers=bearer("committee"))
        assert answer.status_code == 200, answer.text
    return str(answer.json()["steps"][-1]["known_at"])


def _provenance(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["name"], line["text"]) for line in document["provenance"]]


async def test_readers_outside_the_owning_agencies_get_what_is_released_and_stars(
    office: tuple[Platform, httpx.AsyncClient, Log],
) -> None:
    _, client, _ = office
    asked = {"calendar": "civil", "period": "2023-Q2"}
    exact = await report(client, "health", **asked)
    protected = await report(client, "health", "analyst", **asked)
    persons = [cell for cell in protected["cells"] if cell["unit"] == "person"]
    assert persons
    # Counts of persons from 1 to 4 are never printed; the others are as they are, or protected too.
    values = {cell["value"] for cell in persons if not cell.get("suppressed")}
    assert not {value for value in values if value and 0 < value < 5}
    known = totals(exact)
    assert known["methadone.active"] == 4
    for figure, value in totals(protected).items():
        assert value in (None, known[figure]), figure
    active = [cell for cell in persons if cell["figure"] == "methadone.active" and not cell["by"]]
    assert active
    assert all(cell["suppressed"] and cell["value"] is None for cell in active)
    # Facilities are no persons: anybody may know how many there are.
    assert totals(protected)["methadone.sites"] == known["methadone.sites"] == 1
    assert "Dấu “*”" in words(protected)
    assert "Dấu “*”" not in words(exact)


async def test_what_is_not_released_at_all_is_hidden_from_them_not_estimated(
    office: tuple[Platform, httpx.AsyncClient, Log],
) -> None:
    _, client, _ = office
    earlier = await report(client, "police", "analyst", year="2023", known_at="2023-12-31")
    cells = [cell for cell in earlier["cells"] if cell["figure"].startswith("registry.")]
    assert cells
    assert all(cell["suppressed"] for cell in cells)


def _declare(log: Log, agency: str, figure: str, value: int, **when: Any) -> None:
    log.write(
        "declared",
        f"{agency} {figure}",
        agency=agency,
        figure=figure,
        area="30@2008",
        value=value,
        declared_on=date(2023, 12, 20),
        recorded=date(2023, 12, 20),
        **when,
    )


async def test_the_reconciliation_report_walks_from_every_declared_number_to_the_computed_one(
    office: tuple[Platform, httpx.AsyncClient, Log],
) -> None:
    platform, client, _ = office
    said = Log()
    _declare(said, "police", "registry.addicts_with_file", 8, as_of=date(2023, 12, 14))
    _declare(said, "police", "registry.users", 3, as_of=date(2023, 12, 14))
    _declare(said, "health", "methadone.active", 6, as_of=date(2023, 12, 19))
    await fold(platform, said.messages)

    document = await report(client, "reconciliation", year="2023")

    police = {
        row["key"]: [cell["value"] for cell in row["cells"][5:8]]
        for row in table(document, "declared-police")["rows"]
    }
    assert police == {"registry.addicts_with_file": [8, 7, 1], "registry.users": [3, 3, 0]}
    assert "Đã đối chiếu 3 số liệu: 1 số liệu khớp, 2 số liệu chênh lệch" in words(document)
    for key, declared, computed in (
        ("waterfall-police-registry.addicts_with_file", 8, 7),
        ("waterfall-health-methadone.active", 6, 4),
    ):
        rows = table(document, key)["rows"]
        steps = sum(Decimal(str(row["cells"][2]["value"])) for row in rows[1:-1])
        assert rows[0]["cells"][2]["value"] == declared
        assert rows[-1]["cells"][2]["value"] == computed
        assert declared + steps == computed
    # One of the 8 is the human being who is on two lists.
    twice = next(
        row
        for row in table(document, "waterfall-police-registry.addicts_with_file")["rows"]
        if row["key"] == "counted_twice"
    )
    assert twice["cells"][2]["value"] == -1


async def test_declared_numbers_are_reconciled_only_for_those_who_may_see_exact_ones(
    office: tuple[Platform, httpx.AsyncClient, Log],
) -> None:
    platform, client, _ = office
    said = Log()
    _declare(said, "police", "registry.users", 4, as_of=date(2023, 12, 14))
    await fold(platform, said.messages)
    document = await report(client, "reconciliation", "analyst", year="2023")
    assert document["cells"] == []
    assert "1 số liệu không nêu ở đây" in words(document)
