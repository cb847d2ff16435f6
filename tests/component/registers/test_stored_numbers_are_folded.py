"""A database of before numbers were folded: its records are found under any spelling, and what stood twice is told."""

from collections.abc import Callable

import psycopg
import pytest

from services.chassis.persistence import migrations
from services.incidents.app import compose
from tests.support.clock import late_in_2024
from tests.support.platform import settings_for
from tests.support.registers import running

CASE = {
    "commune_code": "10513",
    "detected_on": "05/03/2023",
    "offence": "possession",
    "subjects": "1",
}
_STORED = """
INSERT INTO record (record_id, form, unit, key, sequence, content, digest, recorded_at, own_day, voided, handed_in_at, handed_in_by)
SELECT gen_random_uuid(), 'drug_cases', 'police:30', number, 1,
    jsonb_build_object('case_no', number, 'commune_code', '10513@2008', 'detected_on', '2023-03-05',
        'offence', 'possession', 'subjects', 1, 'disguised_drug', false),
    decode(repeat('00', 32), 'hex'), at, date '2023-03-05', false, at, 'test'
FROM (VALUES (%s, timestamptz '2023-03-06'), (%s, timestamptz '2023-03-07'), (%s, timestamptz '2023-03-08')) AS stored (number, at)
"""


@pytest.mark.parametrize(
    ("numbers", "keys", "apart"),
    [
        (["Va–01", "VA-02", "va-03/qđ"], ["VA-01", "VA-02", "VA-03/QĐ"], []),
        (["VA-01", "VA–01", "va-01"], ["VA-01", "VA–01", "va-01"], ["VA–01", "va-01"]),
        (["va-01", "VA–01", "VA-02"], ["VA-01", "VA–01", "VA-02"], ["VA–01"]),
        (["va-01/qđ", "VA-01/QĐ", "VA-02"], ["va-01/qđ", "VA-01/QĐ", "VA-02"], ["va-01/qđ"]),
    ],
    ids=["odd spellings", "three of one", "the first of two", "one is folded already"],
)
def test_the_upgrade_folds_what_it_can_and_keeps_apart_what_stands_twice(
    new_database: Callable[[str], str], numbers: list[str], keys: list[str], apart: list[str]
) -> None:
    # Given records of a former version
    url = _before(new_database, numbers)
    # When the database is brought up
    migrations.upgrade(settings_for(url, service="incidents"), "services.incidents")
    # Then each keeps a key of its own, folded where no other record has that number
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT key FROM record ORDER BY recorded_at").fetchall()
        kept = connection.execute("SELECT number FROM number_apart ORDER BY number").fetchall()
    assert [row[0] for row in found] == keys
    assert sorted(row[0] for row in kept) == sorted(apart)


async def test_a_number_that_stands_twice_names_the_record_spelt_so_and_is_told(
    new_database: Callable[[str], str],
) -> None:
    url = _before(new_database, ["VA-01", "VA–01", "VA-02"])
    async with running("incidents", compose, url, late_in_2024()) as incidents:
        spelt = ["VA-01", "VA–01", "va-01", "VA-02"]
        answer = await incidents.post_rows(
            "drug_cases", [{**CASE, "case_no": number, "subjects": "2"} for number in spelt]
        )
        # Then no record is merged into another: both are corrected, the third spelling is the first's
        assert (answer["corrected"], answer["unchanged"]) == (3, 1), answer
        told = [(note["row"], note["rule"]) for note in answer["notes"]]
        assert told == [(2, "number_apart"), (3, "number_apart")]
        assert "VA–01" in answer["notes"][0]["message"]["vi"]
        stored = await incidents.query(
            "SELECT key, content->>'case_no' FROM record ORDER BY recorded_at, key"
        )
        assert sorted(tuple(row) for row in stored) == sorted(
            [("VA-01", "VA-01"), ("VA–01", "VA–01"), ("VA-02", "VA-02")]
        )


def _before(new_database: Callable[[str], str], numbers: list[str]) -> str:
    url = new_database("folding")
    migrations.upgrade(
        settings_for(url, service="incidents"), "services.incidents", revision="0009_linkage_epoch"
    )
    with psycopg.connect(url) as connection:
        connection.execute(_STORED, numbers)
    return url
