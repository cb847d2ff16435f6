"""Who may write and read what, and what is readable where."""

import re
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.support.keepers import CAMP, LISTED, SITE, clerk
from tests.support.register_rows import CLINICIAN, FACILITY, FULL, SECRETS
from tests.support.registers import Service

METHADONE = FULL["methadone"]
OTHER_SITE = {**LISTED[0][1], "facility_code": "TT-02", "name": "Cơ sở hai"}


async def test_a_site_hands_in_for_itself_and_the_department_for_its_sites(treatment: Service) -> None:
    await treatment.post_rows("facilities", [OTHER_SITE])
    own = await treatment.post_row("methadone", METHADONE, **clerk(SITE))
    assert own.status_code == 201
    behalf = await treatment.post_row("methadone", {**METHADONE, "unit_code": "TT-02"}, **clerk("health:30"))
    assert behalf.status_code == 201
    beside = await treatment.post_row("methadone", {**METHADONE, "unit_code": "TT-02"}, **clerk(SITE))
    assert (beside.status_code, beside.json()["rule"]) == (403, "unit_scope")
    batch = await treatment.post_rows(
        "methadone", [{**METHADONE, "unit_code": "TT-02"}, METHADONE], by=clerk(SITE)
    )
    assert [(f["row"], f["field"], f["rule"]) for f in batch["refused"]] == [(2, "unit_code", "unit_scope")]
    for role in ("official", "analyst", "admin", "operator"):
        answer = await treatment.post_row("methadone", METHADONE, role=role, unit=SITE, area="30")
        assert answer.status_code == 403, role
    units = await treatment.query("SELECT unit FROM record WHERE form = 'methadone' ORDER BY unit")
    assert [row[0] for row in units] == [SITE, "TT-02"]


@pytest.mark.parametrize("unit", ["police:10513", "police:30", "health:10513", "committee:30", "TYT-10513"])
async def test_nobody_else_withdraws_a_patient_or_hears_whether_there_is_one(
    treatment: Service, unit: str
) -> None:
    """Trial D1: a commune police clerk withdrew a clinic's patient, and a dry run told that he was there."""
    assert (await treatment.post_row("methadone", METHADONE)).status_code == 201
    there, nobody = METHADONE["patient_no"], "MMT-NOBODY"
    said = []
    for patient in (there, nobody):
        void = {
            "patient_no": patient,
            "enrolled_on": METHADONE["enrolled_on"],
            "void": "x",
            "unit_code": SITE,
        }
        rows = await treatment.post_rows("methadone", [void], dry_run=True, by=clerk(unit))
        assert (rows["accepted"], rows["corrected"], rows["unchanged"], rows["refused_rows"]) == (0, 0, 0, 1)
        one = await treatment.post_row("methadone", void, **clerk(unit))
        assert one.status_code == 403
        said.append((rows["refused"][0]["message"], one.json()["message"]))
    assert said[0] == said[1]
    assert "methadone" in said[0][0]["en"]
    assert len(await treatment.query("SELECT 1 FROM record WHERE form = 'methadone' AND NOT voided")) == 1


@pytest.mark.parametrize(
    ("unit", "form"),
    [
        *(("police:10513", form) for form in ("determination", "methadone", "doses", "detox", "facilities")),
        *(("health:10513", form) for form in ("determination", "methadone", "doses", "detox", "post_detox")),
        *((SITE, form) for form in ("detox", "post_detox", "facilities", "clinicians", "targets")),
        *((CAMP, form) for form in ("determination", "methadone", "doses", "facilities", "targets")),
        *(
            ("committee:10513", form)
            for form in ("methadone", "detox", "facilities", "clinicians", "targets")
        ),
        *(("police:30", form) for form in ("determination", "methadone", "detox", "facilities", "targets")),
    ],
)
async def test_forms_are_bound_to_kinds_of_unit(treatment: Service, unit: str, form: str) -> None:
    """Trial D4: any clerk handed in any form for its own unit. A commune's committee set the province's target."""
    row = {**FULL[form], **({"area_code": "30"} if form == "targets" else {})}
    answer = await treatment.post_row(form, row, **clerk(unit))
    assert (answer.status_code, answer.json()["rule"]) == (403, "unit_scope"), answer.text


async def test_what_a_facility_may_hand_in_follows_from_what_it_does_today(treatment: Service) -> None:
    row = {**METHADONE, "unit_code": "TT-02"}
    assert (await treatment.post_row("methadone", row)).status_code == 403, "nobody has listed it"
    await treatment.post_rows("facilities", [{**OTHER_SITE, "does": "determination"}])
    assert (await treatment.post_row("methadone", row)).status_code == 403
    await treatment.post_rows("facilities", [{**OTHER_SITE, "valid_from": "01/11/2024"}])
    assert (await treatment.post_row("methadone", row)).status_code == 201


async def test_home_detox_is_the_communes_and_a_centre_keeps_the_other_kinds(treatment: Service) -> None:
    home = {
        **FULL["detox"],
        "kind": "voluntary_home",
        "facility_code": "",
        "decision_no": "",
        "decided_on": "",
    }
    assert (await treatment.post_row("detox", home, **clerk("health:10513"))).status_code == 201
    assert (await treatment.post_row("detox", home, **clerk("committee:10513"))).status_code == 201
    assert (await treatment.post_row("detox", home, **clerk("committee:30"))).status_code == 403
    assert (await treatment.post_row("detox", home, **clerk(CAMP))).status_code == 403
    assert (await treatment.post_row("detox", FULL["detox"], **clerk(CAMP))).status_code == 201


async def test_targets_are_given_to_areas_below_by_the_committee_and_the_figures_owner(
    treatment: Service,
) -> None:
    target = FULL["targets"]
    for unit, status in (
        ("committee:30", 201),
        ("labour:30", 201),
        ("police:30", 403),
        ("committee:288", 403),
    ):
        assert (await treatment.post_row("targets", target, **clerk(unit))).status_code == status, unit


async def test_a_batch_for_a_unit_out_of_scope_is_forbidden_as_a_whole(treatment: Service) -> None:
    body = {"unit": "TT-02", "rows": [{"row": 2, "values": METHADONE}]}
    headers = treatment.as_("clerk", SITE, "30")
    answer = await treatment.client.post("/v1/forms/methadone/records", json=body, headers=headers)
    assert answer.status_code == 403
    body["unit"] = "police:99999"
    answer = await treatment.client.post("/v1/forms/methadone/records", json=body, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "unit")


async def test_units_say_for_which_of_them_the_caller_may_hand_in(treatment: Service) -> None:
    async def may_write(asked: str, **caller: Any) -> dict[str, Any]:
        headers = treatment.as_(**caller)
        answer = await treatment.client.get("/v1/units", params={"unit": asked}, headers=headers)
        (entry,) = answer.json()["units"]
        found: dict[str, Any] = entry
        return found

    await treatment.post_rows("facilities", [FACILITY])
    assert await may_write("TTYT-01", **clerk("health:30")) == {
        "code": "TTYT-01",
        "kind": "facility",
        "name": FACILITY["name"],
        "area_code": "10513",
        "may_write": True,
    }
    for caller in (clerk("police:30"), clerk("police:10513"), {"role": "admin"}):
        assert not (await may_write("TTYT-01", **caller))["may_write"]


async def test_units_are_found_by_the_words_of_their_names_and_by_code(treatment: Service) -> None:
    async def found(asked: str) -> list[str]:
        params, headers = {"q": asked, "on": "2023-12-31"}, treatment.as_(**clerk("health:30"))
        answer = await treatment.client.get("/v1/units", params=params, headers=headers)
        return [unit["code"] for unit in answer.json()["units"]]

    await treatment.post_rows("facilities", [FACILITY])
    assert await found("cong an ngoc chau") == ["police:10513"]
    assert "police:10513" in await found("Ngọc Châu")
    assert await found("ttyt-01") == ["TTYT-01"]
    assert await found(FACILITY["name"].upper()) == ["TTYT-01"]
    assert "TTYT-01" in await found("10513")
    assert await found("nowhere") == []


async def test_without_a_token_nothing_is_answered(treatment: Service) -> None:
    for path in ("/v1/forms", "/v1/units", "/v1/forms/methadone/records"):
        assert (await treatment.client.get(path)).status_code == 401


async def test_identity_is_readable_in_no_table_no_event_and_no_log(treatment: Service) -> None:
    with capture_logs() as logs:
        for form in ("methadone", "detox", "post_detox"):
            await treatment.post_row(form, FULL[form])
            await treatment.post_row(form, {**FULL[form], "sex": "?"})
        await treatment.post_row("clinicians", FULL["clinicians"])
    everything = await treatment.dump() + str(logs)
    for secret in (*SECRETS, "Trần Thị Bác Sĩ"):
        assert secret not in everything
    # A year of its own, not four digits within a random key, a hash, an identifier or a fraction of a second; rows that are
    # numbered in turn come to any number.
    unnumbered = re.sub(r'"(id|seq|\w+_id)": [0-9]+', "", everything)
    assert not re.search(r"(?<![\w.-])1990(?!\w)", unnumbered)


async def test_a_unit_reads_back_what_it_wrote_and_each_reading_is_logged(treatment: Service) -> None:
    own = treatment.as_("clerk", SITE, "10513")
    await treatment.post_rows("facilities", [OTHER_SITE])
    await treatment.post_row("methadone", METHADONE)
    await treatment.post_row("methadone", {**METHADONE, "unit_code": "TT-02"})
    with capture_logs() as logs:
        answer = await treatment.client.get("/v1/forms/methadone/records", headers=own)
    page = answer.json()
    assert [record["unit"] for record in page["records"]] == [SITE]
    values = page["records"][0]["values"]
    assert (values["full_name"], values["birth_date"]) == ("Nguyễn Văn Thử", "1990-03-05")
    assert (values["commune_code"], values["enrolled_on"]) == ("10513", "2023-02-10")
    read = [line for line in logs if line["event"] == "identity read"]
    assert [(line["records"], line["unit"], line["form"]) for line in read] == [(1, SITE, "methadone")]
    assert not any(secret in str(logs) for secret in SECRETS)
    other = await treatment.client.get("/v1/forms/methadone/records?unit=TT-02", headers=own)
    assert other.status_code == 403


async def test_the_department_reads_its_sites_and_who_people_are_with_a_purpose(treatment: Service) -> None:
    await treatment.post_row("methadone", METHADONE)
    for purpose, named in ((None, False), ("inspection", True)):
        headers = treatment.as_(
            "clerk", "health:30", "30", **({"Khopso-Purpose": purpose} if purpose else {})
        )
        answer = await treatment.client.get("/v1/forms/methadone/records", headers=headers)
        (record,) = answer.json()["records"]
        assert record["values"]["patient_no"] == "MMT-7"
        assert ("full_name" in record["values"]) is named


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        *(
            (role, unit)
            for role in ("clerk", "official")
            for unit in ("police:10513", "police:30", "committee:30")
        ),
        ("clerk", CAMP),
        ("clerk", "health:10513"),
        *(("analyst", unit) for unit in (SITE, "health:30", "committee:30", "police:30")),
        *((role, unit) for role in ("admin", "operator", "official") for unit in (SITE, "health:30")),
    ],
)
async def test_nobody_else_reads_a_patient_or_hears_whether_there_is_one(
    treatment: Service, role: str, unit: str
) -> None:
    """Trials A1 and D3: police read 277 patients with names; an analyst paged through every record."""
    await treatment.post_row("methadone", METHADONE)
    headers = treatment.as_(role, unit, "30", **{"Khopso-Purpose": "inspection"})
    said = []
    for asked in (SITE, "NOT-THERE"):
        url = f"/v1/forms/methadone/records?unit={asked}"
        answer = await treatment.client.get(url, headers=headers)
        assert (answer.status_code, answer.json()["rule"]) == (403, "unit_scope"), answer.text
        said.append(answer.json()["message"])
    assert said[0] == said[1]
    whole = await treatment.client.get("/v1/forms/methadone/records", headers=headers)
    assert whole.status_code == 403 or whole.json()["records"] == []
    listed = {"rows": [{"row": 2, "values": METHADONE}]}
    matched = await treatment.client.post("/v1/forms/methadone/matches", json=listed, headers=headers)
    assert matched.status_code == 403 or (matched.json()["ours"], matched.json()["in_both"]) == (0, 0)
    assert "Nguyễn Văn Thử" not in whole.text


async def test_who_somebody_under_18_is_not_even_the_site_reads_back(treatment: Service) -> None:
    """The day is in December 2024: born in January 2007 is a minor, and so may be who was born in 2006."""
    born = {"MMT-1": "05/01/2007", "MMT-2": "2006", "MMT-3": "01/12/2006", "MMT-4": "2005"}
    rows = [
        {**METHADONE, "patient_no": number, "birth_date": birth, "national_id": ""}
        for number, birth in born.items()
    ]
    assert (await treatment.post_rows("methadone", rows))["refused"] == []
    headers = treatment.keeper("methadone")
    answer = (await treatment.client.get("/v1/forms/methadone/records", headers=headers)).json()
    found = {
        record["values"]["patient_no"]: (record["minor"], "full_name" in record["values"])
        for record in answer["records"]
    }
    assert found == {
        "MMT-1": (True, False), "MMT-2": (True, False), "MMT-3": (False, True), "MMT-4": (False, True),
    }  # fmt: skip


async def test_pages_follow_one_another_without_loss(treatment: Service) -> None:
    await treatment.post_rows("doses", [{**FULL["doses"], "patient_no": f"P{number}"} for number in range(7)])
    seen: list[str] = []
    after = None
    while True:
        params = {"limit": "3", **({"after": after} if after else {})}
        answer = await treatment.client.get(
            "/v1/forms/doses/records", params=params, headers=treatment.keeper("doses")
        )
        seen += [record["values"]["patient_no"] for record in answer.json()["records"]]
        after = answer.json()["next"]
        if after is None:
            break
    assert sorted(seen) == [f"P{number}" for number in range(7)]
    assert len(set(seen)) == 7


async def test_what_does_not_have_the_shape_of_a_hand_in(treatment: Service) -> None:
    url, headers = "/v1/forms/methadone/records", treatment.keeper("methadone")
    for content, rule in (
        (b"{", "shape"),
        (b"[]", "shape"),
        (b'{"rows": {}}', "shape"),
        (b'{"rows": [{"row": 2}]}', "row_values"),
        (b'{"rows": [{"row": 2, "values": {}}, {"row": 2, "values": {}}]}', "row_number"),
        (b'{"rows": [], "extra": 1}', "unknown_column"),
        (b'{"rows": [' + b",".join([b'{"values": {}}'] * 5001) + b"]}", "rows_too_many"),
    ):
        answer = await treatment.client.post(url, content=content, headers=headers)
        assert answer.status_code == 422, content[:40]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["rule"] == rule, content[:40]
    assert (await treatment.client.post("/v1/forms/nothing", json={}, headers=headers)).status_code == 404
    assert (await treatment.client.get("/v1/forms/nothing", headers=headers)).status_code == 404
    huge = await treatment.client.post(url, content=b" " * 20_000_001, headers=headers)
    assert huge.status_code == 413


async def test_the_forms_describe_themselves(treatment: Service) -> None:
    listed = await treatment.client.get("/v1/forms", headers=treatment.as_())
    assert len(listed.json()["forms"]) == 8
    detox = (await treatment.client.get("/v1/forms/detox", headers=treatment.as_())).json()
    columns = {column["id"]: column for column in detox["columns"]}
    assert columns["kind"]["codes"]["compulsory"] == "Cai nghiện bắt buộc"
    assert columns["full_name"]["identity"]
    assert not columns["facility_code"]["required"]


@pytest.mark.parametrize(
    "code", ["police:10513", "health:10513", "committee:288", "police:99999", "labour:30"]
)
async def test_an_area_s_office_is_listed_as_nobodys_facility(treatment: Service, code: str) -> None:
    """Whoever lists a facility stands above it: so listed, an office's rows of this service became its lister's to read."""
    row = {**LISTED[0][1], "facility_code": code}
    answer = await treatment.post_row("facilities", row, **clerk("health:30"))
    assert (answer.status_code, {fault["rule"] for fault in answer.json()["errors"]}) == (
        422,
        {"facility_code_of_office"},
    )


async def test_a_facility_that_an_earlier_release_listed_under_an_office_s_code_gives_no_right(
    treatment: Service,
) -> None:
    # Given support after detox that the police of a commune keep, and their unit on the list as a methadone site
    support = {**FULL["post_detox"], "national_id": "030090009876"}
    assert (await treatment.post_row("post_detox", support, **clerk("police:10513"))).status_code == 201
    assert (await treatment.post_row("facilities", OTHER_SITE)).status_code == 201
    async with treatment.platform.uow() as session:
        await session.execute(
            text(
                "UPDATE record SET content = jsonb_set(content::jsonb, '{facility_code}', '\"police:10513\"')"
                " WHERE content->>'facility_code' = 'TT-02'"
            )
        )
    # When the health department asks for them, then they are not its own
    headers = treatment.as_(**clerk("health:30"), **{"Khopso-Purpose": "inspection"})
    asked = {"unit": "police:10513"}
    answer = await treatment.client.get("/v1/forms/post_detox/records", params=asked, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (403, "unit_scope")
    # And the police still keep their register
    again = {**support, "decision_no": "QĐ-2"}
    assert (await treatment.post_row("post_detox", again, **clerk("police:10513"))).status_code == 201


async def test_one_department_ends_no_facility_or_clinician_that_another_lists(treatment: Service) -> None:
    # Given a clinic and a doctor of the health department
    doctor = {**CLINICIAN, "facility_code": SITE, "valid_to": None, "recorded_on": None}
    assert (await treatment.post_row("clinicians", doctor, **clerk("health:30"))).status_code == 201
    # When the department that lists detox centres lists the same code or number from a later day, then it is refused
    taken = {**LISTED[1][1], "facility_code": SITE, "valid_from": "01/02/2024"}
    answer = await treatment.post_row("facilities", taken, **clerk("labour:30"))
    assert [fault["rule"] for fault in answer.json()["errors"]] == ["listed_by_another"]
    other = {**doctor, "facility_code": CAMP, "valid_from": "01/02/2024"}
    answer = await treatment.post_row("clinicians", other, **clerk("labour:30"))
    assert [fault["rule"] for fault in answer.json()["errors"]] == ["listed_by_another"]
    # And the clinic goes on handing in; its own department lists it anew, as does the one after a merger of provinces
    assert (await treatment.post_row("methadone", METHADONE, **clerk(SITE))).status_code == 201
    anew = {**LISTED[0][1], "valid_from": "01/02/2024"}
    assert (await treatment.post_row("facilities", anew, **clerk("health:30"))).status_code == 201
