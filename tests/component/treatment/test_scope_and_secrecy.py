"""Who may write and read what, and what is readable where."""

from typing import Any

from structlog.testing import capture_logs

from tests.support.register_rows import FACILITY, FULL, SECRETS
from tests.support.registers import Service

METHADONE = FULL["methadone"]


async def test_a_unit_writes_for_itself_and_its_area_only(treatment: Service) -> None:
    clerk: dict[str, Any] = {"role": "clerk", "unit": "police:288", "area": "288"}
    own = await treatment.post_row("methadone", METHADONE, **clerk)
    assert own.status_code == 201
    inside = await treatment.post_row("methadone", {**METHADONE, "unit_code": "police:10513"}, **clerk)
    assert inside.status_code == 201
    outside = await treatment.post_row("methadone", {**METHADONE, "unit_code": "police:290"}, **clerk)
    assert outside.status_code == 403
    assert outside.json()["rule"] == "unit_scope"
    batch = await treatment.post_rows(
        "methadone", [{**METHADONE, "unit_code": "police:290"}, METHADONE], **clerk
    )
    assert [(f["row"], f["field"], f["rule"]) for f in batch["refused"]] == [(2, "unit_code", "unit_scope")]
    analyst = await treatment.post_row("methadone", METHADONE, role="analyst", unit="police:288", area="288")
    assert analyst.status_code == 403
    units = await treatment.query("SELECT unit FROM record ORDER BY unit")
    assert [row[0] for row in units] == ["police:10513", "police:288"]


async def test_a_batch_for_a_unit_out_of_scope_is_forbidden_as_a_whole(treatment: Service) -> None:
    body = {"unit": "police:290", "rows": [{"row": 2, "values": METHADONE}]}
    headers = treatment.as_("clerk", "police:288", "288")
    answer = await treatment.client.post("/v1/forms/methadone/records", json=body, headers=headers)
    assert answer.status_code == 403
    body["unit"] = "police:99999"
    answer = await treatment.client.post("/v1/forms/methadone/records", json=body, headers=treatment.as_())
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "unit")


async def test_a_facility_lies_where_its_list_says(treatment: Service) -> None:
    clerk = {"role": "official", "unit": "health:288", "area": "288"}
    row = {**METHADONE, "unit_code": "TTYT-01"}
    assert (await treatment.post_row("methadone", row, **clerk)).status_code == 403
    await treatment.post_rows("facilities", [FACILITY])
    assert (await treatment.post_row("methadone", row, **clerk)).status_code == 201
    listed = await treatment.client.get("/v1/units", params={"unit": "TTYT-01"}, headers=treatment.as_())
    assert listed.json()["units"] == [
        {
            "code": "TTYT-01",
            "kind": "facility",
            "name": FACILITY["name"],
            "area_code": "10513",
            "may_write": True,
        }
    ]


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
    assert "1990" not in everything.replace("030090", "")


async def test_a_unit_reads_back_what_it_wrote_and_each_reading_is_logged(treatment: Service) -> None:
    clerk = treatment.as_("clerk", "police:288", "288")
    await treatment.post_row("methadone", METHADONE, role="clerk", unit="police:288", area="288")
    await treatment.post_row("methadone", {**METHADONE, "unit_code": "police:290"})
    with capture_logs() as logs:
        answer = await treatment.client.get("/v1/forms/methadone/records", headers=clerk)
    page = answer.json()
    assert [record["unit"] for record in page["records"]] == ["police:288"]
    values = page["records"][0]["values"]
    assert (values["full_name"], values["birth_date"]) == ("Nguyễn Văn Thử", "1990-03-05")
    assert (values["commune_code"], values["enrolled_on"]) == ("10513", "2023-02-10")
    read = [line for line in logs if line["event"] == "identity read"]
    assert [(line["records"], line["unit"], line["form"]) for line in read] == [
        (1, "police:288", "methadone")
    ]
    assert not any(secret in str(logs) for secret in SECRETS)
    other = await treatment.client.get("/v1/forms/methadone/records?unit=police:290", headers=clerk)
    assert other.status_code == 403


async def test_an_analyst_sees_records_without_identity(treatment: Service) -> None:
    await treatment.post_row("methadone", {**METHADONE, "unit_code": "police:288"})
    analyst = treatment.as_("analyst", "committee:30", "30")
    answer = await treatment.client.get("/v1/forms/methadone/records", headers=analyst)
    values = answer.json()["records"][0]["values"]
    assert "full_name" not in values
    assert "national_id" not in values
    assert values["patient_no"] == "MMT-7"


async def test_pages_follow_one_another_without_loss(treatment: Service) -> None:
    await treatment.post_rows("doses", [{**FULL["doses"], "patient_no": f"P{number}"} for number in range(7)])
    seen: list[str] = []
    after = None
    while True:
        params = {"limit": "3", **({"after": after} if after else {})}
        answer = await treatment.client.get("/v1/forms/doses/records", params=params, headers=treatment.as_())
        seen += [record["values"]["patient_no"] for record in answer.json()["records"]]
        after = answer.json()["next"]
        if after is None:
            break
    assert sorted(seen) == [f"P{number}" for number in range(7)]
    assert len(set(seen)) == 7


async def test_what_does_not_have_the_shape_of_a_hand_in(treatment: Service) -> None:
    url, headers = "/v1/forms/methadone/records", treatment.as_()
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
