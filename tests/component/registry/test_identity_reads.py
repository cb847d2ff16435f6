"""Who read whose identity: in the audit before the answer, with how many and what for, without any name."""

import json

from proof.audit import FIELDS, check_rows
from services.chassis.audit.recording import listed
from tests.support.registers import Service

ROW = {
    "record_no": "HS-07",
    "full_name": "Phạm Văn Canary",
    "birth_date": "02/05/1988",
    "sex": "Nam",
    "national_id": "030088004321",
    "commune_code": "10513",
    "status": "user",
    "status_from": "10/01/2023",
}
COMMUNE = {"role": "clerk", "unit": "police:10513", "area": "10513"}
ELSEWHERE = {"role": "clerk", "unit": "police:10516", "area": "10516"}
RECORDS = "/v1/forms/registry/records"


async def test_reads_of_person_rows_are_audited_with_the_number_of_identities(registry: Service) -> None:
    answer = await registry.post_row("registry", ROW, **COMMUNE)
    assert answer.status_code == 201, answer.text
    own = registry.as_(**COMMUNE) | {"Khopso-Purpose": "inspection"}
    seen = await registry.client.get(RECORDS, params={"unit": "police:10513"}, headers=own)
    refused = await registry.client.get(
        RECORDS, params={"unit": "police:10513"}, headers=registry.as_(**ELSEWHERE)
    )
    assert (seen.status_code, refused.status_code) == (200, 403)
    assert "Canary" in seen.text
    found = await registry.query(f"SELECT {', '.join((*FIELDS, 'hash'))} FROM audit ORDER BY chain, seq")
    rows = [listed(dict(zip((*FIELDS, "hash"), row, strict=True))) for row in found]
    assert [
        (row["unit"], row["route"], row["status"], row["identities"], row["purpose"]) for row in rows
    ] == [
        ("police:10513", "/v1/forms/{form}/records", 200, 1, "inspection"),
        ("police:10516", "/v1/forms/{form}/records", 403, 0, ""),
    ]
    assert rows[0]["parameters"] == {"form": "registry", "unit": "police:10513"}
    assert not list(check_rows(rows))
    text = json.dumps(rows, ensure_ascii=False)
    assert not [value for value in ("Canary", "030088004321") if value in text]
