"""The tour leads to lines that are there."""

import re
from pathlib import Path

from tools.tour import ROOT, TOUR, line_of, lost_stops, renewed

TEXT = (ROOT / TOUR).read_text(encoding="utf-8")


def test_every_stop_leads_to_the_line_that_defines_what_it_names() -> None:
    assert lost_stops(ROOT, TEXT) == []
    assert renewed(ROOT, TEXT) == TEXT


def test_a_tour_has_twelve_stops_at_most() -> None:
    assert 1 <= len(re.findall(r"^\d+\. ", TEXT, re.MULTILINE)) <= 12


def test_a_stop_that_moved_is_renewed_and_one_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("X = 1\n\n\nasync def walk() -> None: ...\n", encoding="utf-8")
    assert line_of(tmp_path, "a.py", "walk") == 4
    assert renewed(tmp_path, "1. `a.py:9` `walk` and `a.py:7` `X`") == "1. `a.py:4` `walk` and `a.py:1` `X`"
    assert lost_stops(tmp_path, "`a.py:1` `gone` `a.py:1` `walk`") == ["`a.py:1` `gone`"]
    assert lost_stops(tmp_path, "`b.py:1` `walk`") == ["`b.py:1` `walk`"]
