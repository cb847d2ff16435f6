"""Whoever an alert wakes finds a page that says what to do: each rule links to one, each page has the same four parts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/runbooks"
PARTS = ["What it means", "First look", "Mend", "How to know it is mended"]
OTHERS = {"README", "upgrade", "restore", "rotation"}
_GROUPS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
RULES: list[dict[str, Any]] = [rule for group in _GROUPS for rule in group["rules"] if "alert" in rule]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_each_alert_links_to_its_page(rule: dict[str, Any]) -> None:
    url = rule["annotations"]["runbook_url"]
    assert url.endswith(f"/docs/runbooks/{rule['alert']}.md")
    assert (FOLDER / f"{rule['alert']}.md").is_file()


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: page.stem)
def test_each_page_has_the_four_parts_and_something_in_each(page: Path) -> None:
    if page.stem == "README":
        return
    title, *parts = re.split(r"^#+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    headings, contents = zip(*(part.split("\n", 1) for part in parts), strict=True)
    assert title.strip() == (page.stem.capitalize() if page.stem in OTHERS else page.stem)
    assert list(headings) == PARTS
    assert all(len(content.split()) >= 3 for content in contents)


def test_there_is_no_page_of_an_alert_that_is_gone_and_the_list_names_them_all() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")}
    assert pages == {str(rule["alert"]) for rule in RULES} | OTHERS
    listed = set(re.findall(r"\]\((\w+)\.md\)", (FOLDER / "README.md").read_text(encoding="utf-8")))
    assert listed == pages - {"README"}
