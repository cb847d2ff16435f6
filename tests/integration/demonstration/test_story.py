"""What the demonstration tells after its report: reconciled, closed, revised, read in the areas of 2025, and printed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from khopso.commands import story
from khopso.console import Console
from khopso.published import read_published
from tests.support.stack.cli import api_of, khopso
from tests.support.stack.harness import Province

pytestmark = [pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def told(demonstration: Province, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The story, told once on the province of the demonstration."""
    place = tmp_path_factory.mktemp("story")
    with api_of(demonstration, place) as api:
        return story.tell(Console(True), api, place, 9)


def test_the_two_agencies_numbers_are_joined_by_steps_that_add_up(told: dict[str, Any]) -> None:
    health = told["waterfall"]
    police = health["against"]
    for waterfall in (health, police):
        counts = sum(step["count"] for step in waterfall["steps"])
        assert counts == waterfall["difference"] == waterfall["declared"] - waterfall["computed"]
    assert (health["declared"], police["declared"]) == (592, 438)
    assert sum(step["count"] for step in health["between"]["steps"]) == 592 - 438


def test_the_patients_whom_police_do_not_list_are_named_as_such(told: dict[str, Any]) -> None:
    police = {step["step"]: step["count"] for step in told["waterfall"]["against"]["steps"]}
    assert police["not_on_list"] < -100
    assert abs(told["waterfall"]["against"]["unexplained"]) <= 15


def test_a_late_fire_leaves_the_closing_alone_and_is_its_only_revision(told: dict[str, Any]) -> None:
    assert told["closing_unchanged"]
    changed = {(cell["figure"], cell["area"], cell["row"]) for cell in told["revisions"]["cells"]}
    assert {figure for figure, _, _ in changed} == {"fires.cases", "fires.damage_vnd"}
    assert len(changed) == 6, "the commune, the district and the province of each"


def test_the_closed_year_is_replayed_byte_for_byte_and_verified_offline(
    demonstration: Province, told: dict[str, Any]
) -> None:
    assert khopso(demonstration, "close", "verify", told["closing"]["id"])["equal"]
    files = {Path(file).name: file for file in told["files"]}
    verdict = khopso(demonstration, "verify", files["closing-2023.json"])
    assert verdict["intact"], "the key is found beside the file"
    printed = Path(files["annual-closed.pdf"])
    assert khopso(demonstration, "verify", printed)["intact"]
    printed.write_bytes(printed.read_bytes()[:-1] + b"!")
    assert not khopso(demonstration, "verify", printed)["intact"]
    tampered = Path(files["closing-2023.json"]).with_name("tampered.json")
    sealed = Path(files["closing-2023.json"]).read_text()
    tampered.write_text(sealed.replace(":581}", ":582}", 1))
    assert tampered.read_text() != sealed
    assert not khopso(demonstration, "verify", tampered)["intact"]


def test_the_province_is_the_same_in_both_hierarchies(told: dict[str, Any]) -> None:
    then, in_2025 = told["hierarchies"]["then"], told["hierarchies"]["in_2025"]
    assert then["value"] == in_2025["value"] == 581
    for answer in (then, in_2025):
        assert sum(row["value"] for row in answer["rows"]) == 581
    divided = [row for row in in_2025["rows"] if row["commune"].startswith("unattributed:")]
    assert divided
    assert all(row["name"] for row in divided)


def test_the_printed_report_prints_the_published_numbers(told: dict[str, Any]) -> None:
    files = {Path(file).name: Path(file) for file in told["files"]}
    text = " ".join(page.extract_text() for page in PdfReader(files["annual.pdf"]).pages)
    for number in ("581", "536", "261", "275", "235"):
        assert number in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert all(
        path.stat().st_size > 1_000
        for name, path in files.items()
        if not name.endswith((".pem", ".proof.json"))
    )


def test_the_saved_reports_hold_the_numbers_that_the_screen_compares(told: dict[str, Any]) -> None:
    files = {Path(file).name: Path(file) for file in told["files"]}
    cells = json.loads(files["annual.json"].read_text())["cells"]
    totals = {
        (cell["figure"], cell.get("as_of") or cell["from"], cell.get("to") or ""): Decimal(str(cell["value"]))
        for cell in cells
        # A year whose registers are not declared is compared with nothing: its cells say so instead of a number.
        if not cell["row"] and cell.get("remark") != "incomplete"
    }
    published = {(row.figure, row.first, row.last): row.value for row in read_published(2023)}
    both = published.keys() & totals.keys()
    assert {key: totals[key] for key in both} == {key: published[key] for key in both}
    assert ("methadone.active", "2023-12-19", "") in both
    printed = {figure for figure, _, _ in totals}
    left = {key for key in published.keys() - both if key[0] in printed and key[1] >= "2023"}
    assert not left, (
        "every published figure that the report prints is printed for the days of its publication"
    )


def test_checks_name_what_the_registers_disagree_about(demonstration: Province) -> None:
    found = khopso(demonstration, "check", "--as-of", "2023-12-14")
    counts = {entry["rule"]: entry["count"] for entry in found["checks"]}
    assert counts["areas.not_classified"] == 6
    assert counts["methadone.two_sites"] == 2
    assert counts["methadone.transfer_not_received"] == 3
    assert all(count == 0 for rule, count in counts.items() if rule.startswith("balance."))
