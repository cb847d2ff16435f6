"""``--as PERSON``: whoever runs the embedded stack chooses who acts, in every command that asks the services."""

from pathlib import Path
from typing import Any

import pytest
import typer

from deploy.embedded import Person, Stack
from khopso.cli import app
from reference import sample_communes
from tests.support.packs import COMMITTEE, COMMUNE, PROVINCE
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ALONE = frozenset({"demo", "up", "status", "logs", "down", "token", "verify", "check-table"})
"""Commands that start or stop the stack, mint a token for somebody who is named otherwise, or ask no service."""


def commands(group: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every command below, by its name as it is typed."""
    below = getattr(group, "commands", {})
    own = [] if below and not getattr(group, "invoke_without_command", False) else [(name.strip(), group)]
    return own + [one for word, part in below.items() for one in commands(part, f"{name} {word}")]


def test_every_command_that_asks_the_services_has_the_option() -> None:
    without = {
        name
        for name, command in commands(typer.main.get_command(app))
        if not any("--as" in parameter.opts for parameter in command.params)
    }
    assert without == ALONE


@pytest.fixture
def minted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeServices) -> list[tuple[Any, ...]]:
    """For whom the local issuer makes tokens: unit, role, and the name where it is not the usual one."""
    made: list[tuple[Any, ...]] = []

    class Issuer:
        def __init__(self, _: Path) -> None: ...

        def mint(self, unit: str, role: str, *, subject: str | None, **_: Any) -> str:
            made.append((unit, role, subject))
            return "minted"

    key = tmp_path / "issuer-key.json"
    key.write_text("{}")
    monkeypatch.delenv("KHOPSO_TOKEN")
    monkeypatch.setattr("khopso.api.Issuer", Issuer)
    monkeypatch.setattr("khopso.api.read_stack", lambda _: Stack(issuer_key=str(key)))
    fake.routes["GET /v1/figures"] = lambda _query, _body: (200, {"figures": []})
    fake.routes["GET /v1/dlq"] = lambda _query, _body: (200, {"dead_letters": [], "next": None})
    return made


@pytest.mark.parametrize(
    ("command", "person", "acting"),
    [
        (("figures",), None, Person(COMMITTEE, "official")),
        (("figures",), "official.health_department", Person(f"health:{PROVINCE}", "official")),
        (("figures",), "clerk@TTYT-290", Person("TTYT-290", "clerk")),
        (("dlq", "list", "registry"), None, Person(COMMITTEE, "operator")),
        (
            ("dlq", "list", "registry"),
            "official.commune_police",
            Person(f"police:{sample_communes()[0].code}", "official"),
        ),
    ],
)
def test_a_person_whom_the_issuer_knows_acts_in_place_of_the_usual_one(
    khopso: Khopso,
    minted: list[tuple[Any, ...]],
    command: tuple[str, ...],
    person: str | None,
    acting: Person,
) -> None:
    assert khopso(*command, *(("--as", person) if person else ())).code == 0
    assert minted == [(acting.unit, acting.role, None)]


def test_any_other_name_is_somebody_else_of_the_same_office(
    khopso: Khopso, minted: list[tuple[Any, ...]]
) -> None:
    assert khopso("figures", "--as", "lan").code == 0
    assert minted == [(COMMITTEE, "official", "lan")]


def test_the_chosen_person_hands_in_and_matches_though_the_command_names_a_unit(
    khopso: Khopso, minted: list[tuple[Any, ...]], fake: FakeServices, tmp_path: Path
) -> None:
    # Given a row of a commune's register
    fake.accept_rows("registry")
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "record_no;full_name;birth_date;sex;commune_code;status;status_from\n"
        f"HS-1;Nguyễn Văn Thử;05/02/1990;Nam;{COMMUNE};user;10/01/2023\n",
        encoding="utf-8",
    )
    # When it is handed in with the unit alone, then a clerk of the unit does it; a person who is chosen does it himself
    for person in ((), ("--as", "clerk.province_police")):
        assert khopso("import", "registry", rows, "--unit", f"police:{COMMUNE}", *person).code == 0
    assert minted == [(f"police:{COMMUNE}", "clerk", None), (f"police:{PROVINCE}", "clerk", None)]
