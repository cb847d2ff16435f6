"""Who may back up and restore: whoever runs the machine. Anybody else is refused before anything is written."""

from pathlib import Path

import pytest

from khopso.commands.operating import check_operator
from khopso.failure import FailureError
from tests.support.packs import COMMITTEE
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices


@pytest.mark.parametrize("person", ["official.health_department", "clerk@TTYT-290", f"analyst@{COMMITTEE}"])
def test_people_of_offices_are_refused_and_told_who_may(
    khopso: Khopso, fake: FakeServices, tmp_path: Path, person: str
) -> None:
    folder, place = tmp_path / "saved", tmp_path / "data"
    for command in (
        ("backup", folder, "--key", tmp_path / "office.pub.pem"),
        ("restore", folder, "--key", tmp_path / "office.pem"),
        ("restore", folder, "--compare"),
    ):
        ran = khopso(*command, "--as", person, "--json")
        error = ran.document["error"]
        assert (ran.code, error["rule"]) == (1, "operator_only")
        assert "for: an administrator, an operator" in error["message"]["en"]
        assert "người vận hành" in error["message"]["vi"]
    assert not folder.exists()
    assert not place.exists()
    assert fake.calls == []


@pytest.mark.parametrize("person", [None, f"operator@{COMMITTEE}", f"admin@{COMMITTEE}", "lan"])
def test_whoever_runs_the_machine_may(person: str | None) -> None:
    check_operator(person)


def test_the_rule_is_the_right_of_the_provinces_table(monkeypatch: pytest.MonkeyPatch) -> None:
    class Table:
        def on(self, *_: object) -> list[dict[str, str]]:
            return [{"action": "rebuild", "role": "official"}, {"action": "close", "role": "clerk"}]

    monkeypatch.setattr("khopso.commands.operating.authority", lambda _: Table())
    check_operator(f"official@{COMMITTEE}")
    with pytest.raises(FailureError, match="an official"):
        check_operator(f"operator@{COMMITTEE}")
