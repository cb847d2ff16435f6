"""`khopso sql`: the statements behind a figure or a check, with their values as comments."""

import json

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

CODE = "registry.addicts_with_file"
STATEMENT = {
    "name": "counting",
    "sql": "-- The figure.\nSELECT count(*)\nFROM counted",
    "parameters": {"day": "2023-12-14", "uids": [f"{n}@2008" for n in range(8)], "whole": True},
}


def test_the_statements_of_a_figure_are_printed_with_where_they_read_and_their_values(
    khopso: Khopso, fake: FakeServices
) -> None:
    statements = [{"figure": CODE, "reads": reads, **STATEMENT} for reads in ("cells", "rows")]
    fake.routes[f"GET /v1/figures/{CODE}/sql"] = lambda _query, _body: (200, {"statements": statements})
    ran = khopso("sql", CODE, "--as-of", "14/12/2023", "--by", "commune", "--area-of", "facility")
    assert ran.code == 0
    assert fake.calls[-1][1] == {"as_of": "2023-12-14", "by": "commune", "area_of": "facility"}
    assert ran.out.count("SELECT count(*)\nFROM counted;") == 2
    assert f"-- {CODE}: từ từng dòng / from the rows" in ran.out
    assert '-- %(day)s = "2023-12-14"' in ran.out
    assert '"5@2008", … (8)]' in ran.out
    others = [line for line in ran.out.splitlines() if line and not line.startswith("--")]
    assert others == ["SELECT count(*)", "FROM counted;"] * 2


def test_the_statements_of_a_check_are_asked_by_its_code(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes["GET /v1/checks/methadone.not_listed/sql"] = lambda _query, _body: (
        200,
        {"statements": [STATEMENT]},
    )
    ran = khopso("sql", "check.methadone.not_listed", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["statements"] == [STATEMENT]


def test_a_figure_that_is_not_there_is_refused_before_anybody_is_asked(
    khopso: Khopso, fake: FakeServices
) -> None:
    ran = khopso("sql", "registry.addict_with_file")
    assert ran.code == 2
    assert CODE in ran.err
    assert fake.calls == []
