"""Records are found by number, name, identity number and year of birth, by whoever may read them; nobody else learns that they are there."""

from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.chassis.security import Units, at_once
from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY

OWN, NEXT, ABOVE = "police:10525", "police:10532", "police:31"
DAY = date(2026, 3, 2)
PURPOSE = {"Khopso-Purpose": "inspection"}
ROW = {**IDENTITY, "record_no": "HS-01/2024", "status": "user", "status_from": "01/03/2024"}
CHILD = {
    **ROW,
    "record_no": "HS-9",
    "full_name": "Trẻ Văn Con",
    "birth_date": "17/08/2010",
    "national_id": "",
}

pytestmark = pytest.mark.usefixtures("nobody_looked_at")


async def asked(
    desk: Desk, unit: str = OWN, role: str = "clerk", *, headers: dict[str, str] | None = None, **terms: Any
) -> httpx.Response:
    """The answer to a search in `registry`."""
    service = desk.services["registry"]
    given = service.as_(role, unit, **(headers or {}))
    return await service.client.post("/v1/records/search", json=terms, headers=given)


async def found(desk: Desk, unit: str = OWN, **terms: Any) -> list[tuple[str, int, bool]]:
    """Number, similarity and whether only a former version is meant, of what is found."""
    answer = await asked(desk, unit, **terms)
    assert answer.status_code == 200, answer.text
    assert answer.json()["whole"] is True
    return [
        (each["number"].partition(" ")[0], each["similarity"], each["former"])
        for each in answer.json()["records"]
    ]


async def entered(desk: Desk, *names: str, by: str = OWN) -> None:
    """People of these names on the register, numbered from A-0."""
    rows = [
        {**ROW, "record_no": f"A-{place}", "full_name": name, "national_id": ""}
        for place, name in enumerate(names)
    ]
    answer = await desk.hand_in("registry", *rows, by=by)
    assert answer["accepted"] == len(rows), answer


@pytest.mark.parametrize("number", ["HS-01/2024", "hs 01 2024", "HS01"])
async def test_a_number_is_found_however_it_is_written(desk: Desk, number: str) -> None:
    await desk.hand_in("registry", ROW)
    exact = number != "HS01"
    assert await found(desk, number=number) == [("HS-01/2024", 1000 if exact else 900, False)]


@pytest.mark.parametrize(
    ("name", "similarity"),
    [
        ("Nguyễn Văn Thử", 1000),
        ("nguyễn  văn THỬ", 1000),
        ("nguyen van thu", 990),
        ("Nguyen-Van-Thu", 990),
        ("NGUYỄN VĂN THU", 990),
    ],
)
async def test_a_name_is_found_with_and_without_diacritics(desk: Desk, name: str, similarity: int) -> None:
    await desk.hand_in("registry", ROW)
    assert await found(desk, name=name) == [("HS-01/2024", similarity, False)]


@pytest.mark.parametrize("name", ["Văn Thử", "van thu", "Thử Văn Nguyễn", "Nguyễn Thử", "Nguyen Van Thuu"])
async def test_a_part_of_a_name_and_what_is_like_it_is_found(desk: Desk, name: str) -> None:
    await desk.hand_in("registry", ROW)
    ((number, similarity, _),) = await found(desk, name=name)
    assert number == "HS-01/2024"
    assert 0 < similarity < 990


async def test_the_most_similar_name_comes_first(desk: Desk) -> None:
    await entered(desk, "Nguyễn Văn Ân", "Nguyễn Văn Anh", "Nguyễn Văn An", "Trần Thị Bình")
    assert [number for number, _, _ in await found(desk, name="Nguyễn Văn An")] == ["A-2", "A-0"]


async def test_pages_follow_each_other_without_gap(desk: Desk) -> None:
    await entered(desk, *["Nguyễn Văn An"] * 5)
    pages, after = [], None
    while True:
        page = (await asked(desk, name="nguyen van an", limit=2, after=after)).json()
        pages.append([each["number"].partition(" ")[0] for each in page["records"]])
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(number for page in pages for number in page) == [f"A-{place}" for place in range(5)]


async def test_a_former_name_and_a_former_number_find_the_record(desk: Desk) -> None:
    await desk.hand_in("registry", {**ROW, "national_id": "034567891", "full_name": "Nguyễn Văn Thủ"})
    await desk.hand_in("registry", ROW)
    assert await found(desk, national_id="034 567 891") == [("HS-01/2024", 1000, True)]
    assert await found(desk, national_id=IDENTITY["national_id"]) == [("HS-01/2024", 1000, False)]
    assert await found(desk, name="Nguyễn Văn Thử") == [("HS-01/2024", 1000, False)]


async def test_a_year_of_birth_narrows_down(desk: Desk) -> None:
    await desk.hand_in("registry", ROW, {**ROW, "record_no": "HS-2", "birth_date": "1971", "national_id": ""})
    year = int(str(IDENTITY["birth_date"])[-4:])
    assert await found(desk, name="nguyen van thu", birth_year=year) == [("HS-01/2024", 990, False)]
    assert await found(desk, name="nguyen van thu", birth_year=1971) == [("HS-2", 990, False)]
    assert await found(desk, name="nguyen van thu", birth_year=1972) == []


async def test_form_unit_and_period_narrow_down(desk: Desk) -> None:
    await desk.hand_in("registry", ROW, {**ROW, "status_from": "01/09/2024"})
    both = {"name": "nguyen van thu"}
    assert len(await found(desk, **both)) == 2
    assert len(await found(desk, **both, form="registry", unit=OWN)) == 2
    assert len(await found(desk, **both, **{"from": "2024-03-01", "to": "2024-08-31"})) == 1
    assert await found(desk, **both, to="2024-02-29") == []


async def test_withdrawn_records_are_found_and_marked(desk: Desk) -> None:
    await desk.hand_in("registry", ROW)
    await desk.hand_in("registry", {"record_no": "HS-01/2024", "status_from": "01/03/2024", "void": "x"})
    (record,) = (await asked(desk, name="nguyen van thu")).json()["records"]
    assert (record["voided"], record["number"]) == (True, "HS-01/2024 / 2024-03-01")


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        ({}, "search_terms"),
        ({"birth_year": 1990}, "search_terms"),
        ({"name": "…"}, "search_term_blank"),
        ({"number": " - "}, "search_term_blank"),
        ({"national_id": "12345"}, "national_id"),
        ({"name": "An", "form": "doses"}, "search_form"),
        ({"nmae": "An"}, "extra_forbidden"),
        ({"name": "An", "after": "990:------------------------------------"}, "string_pattern_mismatch"),
    ],
)
async def test_what_cannot_be_searched_is_said(desk: Desk, terms: dict[str, Any], rule: str) -> None:
    answer = await asked(desk, **terms)
    assert answer.status_code == 422
    assert rule in answer.text


@pytest.mark.parametrize("unit", [NEXT, "health:31", "committee:31", "TT-00"])
@pytest.mark.parametrize("terms", [{"name": "nguyen van thu"}, {"number": "HS-01/2024"}])
async def test_what_others_keep_is_neither_shown_nor_counted(
    desk: Desk, unit: str, terms: dict[str, Any]
) -> None:
    empty = [(await asked(desk, unit, headers=PURPOSE, **terms)).json()]
    await desk.hand_in("registry", ROW)
    assert [(await asked(desk, unit, headers=PURPOSE, **terms)).json()] == empty


async def test_the_limit_of_candidates_counts_only_what_the_caller_reads(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.registers.search.CANDIDATES", 2)
    await entered(desk, "Nguyễn Văn An", "Nguyễn Văn An")
    await entered(desk, "Nguyễn Văn An", "Nguyễn Văn An", by=NEXT)
    assert len(await found(desk, name="nguyen van an")) == 2
    answer = await asked(desk, ABOVE, headers=PURPOSE, name="nguyen van an")
    assert (answer.status_code, answer.json()["rule"]) == (422, "search_too_wide")


async def test_people_of_units_below_are_searched_with_a_purpose_and_their_units_see_it(desk: Desk) -> None:
    await desk.hand_in("registry", ROW)
    refused = await asked(desk, ABOVE, name="nguyen van thu")
    assert (refused.status_code, refused.json()["rule"]) == (403, "purpose_needed")
    # By number without a purpose: what the record says, and nothing of whom it is about
    plain = await asked(desk, ABOVE, number="HS-01/2024")
    assert len(plain.json()["records"]) == 1
    assert "Nguyễn" not in plain.text
    service = desk.services["registry"]
    assert await service.query("SELECT 1 FROM look") == []
    named = await asked(desk, ABOVE, headers=PURPOSE, name="nguyen van thu")
    assert named.json()["records"][0]["values"]["full_name"] == IDENTITY["full_name"]
    (look,) = await service.query("SELECT of_unit, unit, form, identities, purpose FROM look")
    assert tuple(look) == (OWN, ABOVE, "registry", 1, "inspection")


async def test_names_are_not_tried_out_by_the_thousand(desk: Desk) -> None:
    await desk.hand_in("registry", ROW)
    most = at_once("registry", Units().on(ABOVE, DAY), DAY)
    statuses = [
        (await asked(desk, ABOVE, headers=PURPOSE, name=f"Không Có {place}")).status_code
        for place in range(most + 1)
    ]
    assert statuses == [200] * most + [403]
    # The daily work of the unit's own clerk has no limit
    assert [(await asked(desk, name="Không Có")).status_code for _ in range(51)] == [200] * 51


@pytest.mark.parametrize("unit", [OWN, ABOVE])
async def test_somebody_under_18_is_found_by_number_alone_and_not_named(desk: Desk, unit: str) -> None:
    await desk.hand_in("registry", CHILD)
    await desk.hand_in("registry", {**CHILD, "birth_date": "17/08/2000"})
    for terms in ({"name": "Trẻ Văn Con"}, {"name": "tre van con", "birth_year": 2000}):
        assert (await asked(desk, unit, headers=PURPOSE, **terms)).json()["records"] == []
    answer = await asked(desk, unit, headers=PURPOSE, number="HS-9")
    (record,) = answer.json()["records"]
    assert (record["minor"], record["person"]) == (True, None)
    assert "Văn Con" not in answer.text


@pytest.mark.parametrize("unit", [OWN, ABOVE])
async def test_what_is_found_instead_does_not_tell_that_somebody_under_18_has_the_name(
    desk: Desk, unit: str
) -> None:
    # Given somebody of age whose name has the same words in another order, found where nobody has the name itself
    await entered(desk, "Con Văn Trẻ")
    terms = {"name": "Trẻ Văn Con"}
    before = (await asked(desk, unit, headers=PURPOSE, **terms)).json()
    assert [each["similarity"] for each in before["records"]] == [900]
    # When somebody under 18 has it, then the answer stays the same
    await desk.hand_in("registry", CHILD)
    assert (await asked(desk, unit, headers=PURPOSE, **terms)).json() == before


@pytest.mark.parametrize("role", ["analyst", "admin", "operator"])
async def test_who_reads_no_rows_searches_none(desk: Desk, role: str) -> None:
    answer = await asked(desk, ABOVE, role, headers=PURPOSE, name="An Văn")
    assert answer.status_code == 403


async def test_terms_are_kept_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.hand_in("registry", ROW)
    await asked(desk, ABOVE, headers=PURPOSE, name="Nguyễn Văn Thử", national_id=IDENTITY["national_id"])
    service = desk.services["registry"]
    kept = await service.query(
        "SELECT row_to_json(audit)::text FROM audit UNION SELECT row_to_json(look)::text FROM look"
    )
    assert any("search" in row[0] for row in kept)
    said = " ".join([row[0] for row in kept] + [record.getMessage() for record in caplog.records])
    assert not [word for word in ("Thử", str(IDENTITY["national_id"])) if word in said]


async def test_the_table_of_the_index_holds_nothing_that_can_be_read(desk: Desk) -> None:
    await desk.hand_in("registry", ROW)
    service = desk.services["registry"]
    # Tokens are numbers of two bytes each, and one of them may happen to be 1990.
    ((row,),) = await service.query("SELECT (to_jsonb(record_search) - 'tokens')::text FROM record_search")
    ((kind,),) = await service.query("SELECT pg_typeof(tokens)::text FROM record_search")
    assert kind == "smallint[]"
    readable = ("nguyen", "Nguyễn", "thu", "Thử", str(IDENTITY["national_id"]), "1990")
    assert not [word for word in readable if word in row]


async def test_records_from_before_the_search_are_filled_in_and_found(desk: Desk) -> None:
    # Given records that an earlier release wrote, one of them corrected since the upgrade
    await desk.hand_in("registry", {**ROW, "full_name": "Nguyễn Văn Thủ"}, {**ROW, "record_no": "HS-2"})
    service = desk.services["registry"]
    async with service.platform.uow() as session:
        await session.execute(text("DELETE FROM record_search"))
    await desk.hand_in("registry", {**ROW, "full_name": "Nguyễn Văn Thứ"})
    # When an operator has the search filled, in steps
    operator, steps = service.as_("operator"), list[int]()
    while not steps or steps[-1]:
        answer = await service.client.post("/v1/keys/fields/rotate", json={"limit": 1}, headers=operator)
        steps.append(answer.json()["searched"])
    # Then each record is found, the corrected one by what it said before, too
    assert steps == [1, 1, 0]
    assert await found(desk, number="HS-2") == [("HS-2", 1000, False)]
    assert (await found(desk, name="Nguyễn Văn Thủ"))[0] == ("HS-01/2024", 1000, True)
