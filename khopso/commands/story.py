"""The second half of the demonstration: what happens after a report is printed.

Declared numbers are compared with the computed ones, the year is closed, a fire is handed in late and appears as a
revision, the same year is shown in the areas of 2025, and the reports are saved as files.
"""

import csv
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from contracts.forms import FORMS
from deploy.embedded import write_private
from khopso.api import Api
from khopso.commands import closing
from khopso.commands.closing_missing import accepted
from khopso.commands.figures import ask, wait_current
from khopso.commands.options import filled
from khopso.commands.report import publish
from khopso.console import Console
from khopso.language import spoken
from khopso.proofs import KEY_BESIDE
from khopso.registers.handin import hand_in
from khopso.waterfall import show_waterfall
from khopso.words import named, shown
from proof import SUFFIX, canonical
from reference import FIGURES
from texts import Message, message

_WAIT_SECONDS = 300.0
_CALENDAR, _PERIOD, _FIGURE_SET = "civil", "2023", "annual"
# Health counted its patients on 19 December; the police counted those on their own list on 14 December.
_DECLARED = {"figure": "methadone.active", "agency": "health", "against": "police", "as_of": "2023-12-14"}
_YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
_MOVED, _GEOGRAPHY = "drug_cases.detected", "2025-07-01"
_REPORTS = ("annual.docx", "annual.pdf", "annual.xlsx", "health.pdf", "police.pdf", "fires-conflicts.pdf",
            "reconciliation.pdf", "annual.csv", "annual.json")  # fmt: skip
_SHOWN_COMMUNES = 8


def tell(console: Console, api: Api, place: Path, steps: int) -> dict[str, Any]:
    """Do all steps on a stack that holds the 2023 province; return the results, which `show` prints."""
    console.note(f"6/{steps} {spoken('story.reconciling')}")
    waterfall = _waterfall(api)
    console.note(f"7/{steps} {spoken('story.closing')}")
    closed = _closed(console, api)
    console.note(f"8/{steps} {spoken('story.late_fire')}")
    late = _late_fire(console, api)
    revised = api.get("reporting", f"/v1/closings/{closed['id']}/revisions")
    same = api.get("reporting", f"/v1/closings/{closed['id']}")
    console.note(f"9/{steps} {spoken('story.areas_and_reports')}")
    moved = {
        name: ask(api, _MOVED, {**_YEAR, "by": "commune", **more})
        for name, more in (("then", {}), ("in_2025", {"geography": _GEOGRAPHY}))
    }
    return {
        "waterfall": waterfall,
        "closing": {name: part for name, part in closed.items() if name != "cells"},
        "closing_unchanged": canonical(same) == canonical(closed),
        "late": late,
        "revisions": revised,
        "hierarchies": moved,
        "files": _files(api, place, closed),
    }


def _waterfall(api: Api) -> dict[str, Any]:
    asked = {name: value for name, value in _DECLARED.items() if name != "figure"} | {"records": "false"}
    found: dict[str, Any] = api.get("reporting", f"/v1/reconciliations/{_DECLARED['figure']}", asked)
    return found


def _closed(console: Console, api: Api) -> dict[str, Any]:
    """Return the closing of the year; close it now unless an earlier demonstration has."""
    for one in api.get("reporting", "/v1/closings")["closings"]:
        if (one["calendar"], one["period"], one["figures"]) == (_CALENDAR, _PERIOD, _FIGURE_SET):
            known: dict[str, Any] = api.get("reporting", f"/v1/closings/{one['id']}")
            return known
    order: dict[str, Any] = {
        "calendar": _CALENDAR,
        "period": _PERIOD,
        "area": None,
        "figures": _FIGURE_SET,
        "known_at": None,
        "note": message("story.note").vi,
    }
    # Not every register of the demonstration is handed in; who accepts that is sealed, as by anybody else.
    official = {"name": message("story.official").vi}
    order["accept_missing"] = accepted(api, console, order | official, message("story.accepted").vi)
    made: dict[str, Any] = api.post("reporting", "/v1/closings", filled(order))
    return made


def _late_fire(console: Console, api: Api) -> dict[str, Any]:
    from demo import LATE_FIRE

    with tempfile.TemporaryDirectory(prefix="khopso-late-") as work:
        file = Path(work) / "fires.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(LATE_FIRE))
            writer.writeheader()
            writer.writerow(LATE_FIRE)
        outcome = hand_in(api, FORMS["fires"], file, FORMS, by_unit=api.clerk_of)
    wait_current(api, console, _WAIT_SECONDS)
    return outcome.document()


def _files(api: Api, place: Path, closed: dict[str, Any]) -> list[str]:
    """Save the reports of the year, one of the closed year with its proof, the closing, and the key to verify both.

    Return the names of the files.
    """
    folder = reports_folder(place)
    saved = []
    for name in _REPORTS:
        # By year, so that each figure has the days of the province's own report, which the screen compares: 592 patients on
        # 19 December. A period of a calendar would count all of them on its last day (593 on the 31st).
        content = api.download("reporting", f"/v1/reports/{name}", {"year": _PERIOD})
        (folder / name).write_bytes(content)
        saved.append(str(folder / name))
    printed = folder / "annual-closed.pdf"
    content = api.download("reporting", "/v1/reports/annual.pdf", {"closing": closed["id"]})
    printed.write_bytes(content)
    proof = printed.with_name(printed.name + SUFFIX)
    publish(api, closed["id"], proof, printed, content)
    saved += [str(printed), str(proof)]
    sealed, key = folder / "closing-2023.json", folder / KEY_BESIDE
    write_private(sealed, canonical(closed).decode())
    write_private(key, api.get("reporting", "/v1/closings/key")["public_key"])
    return [*saved, str(sealed), str(key)]


def reports_folder(place: Path) -> Path:
    """Return the folder that the demonstration saves its files in; it is made where it is missing."""
    folder = place / "reports"
    folder.mkdir(exist_ok=True)
    return folder


def show(console: Console, told: dict[str, Any]) -> None:
    """Print the results of the steps."""
    console.line()
    show_waterfall(console, told["waterfall"])
    console.line()
    sealed = told["closing"]
    console.line(spoken("story.closed_year"), style="bold")
    console.line(f"  {sealed['id']}  SHA-256 {sealed['content_hash']}")
    same = told["closing_unchanged"]
    console.line(f"  {spoken('story.unchanged' if same else 'story.changed')}")
    console.line()
    closing.show_revisions(console, told["revisions"])
    console.line()
    _show_hierarchies(console, told["hierarchies"])
    console.line()
    console.line(spoken("story.files"), style="bold")
    for file in told["files"]:
        console.line(f"  {file}")


def moved_title() -> str:
    """Return what is shown in the areas of another day."""
    day = date.fromisoformat(_GEOGRAPHY)
    figure = Message(FIGURES[_MOVED].vi, FIGURES[_MOVED].en)
    return spoken("story.in_areas_of", figure=figure, day=f"{day:%d/%m/%Y}")


def _show_hierarchies(console: Console, moved: dict[str, Any]) -> None:
    day = date.fromisoformat(_GEOGRAPHY)
    console.line(moved_title(), style="bold")
    then, now = moved["then"]["value"], moved["in_2025"]["value"]
    verdict = spoken("demo.equal") if then == now else spoken("story.not_equal")
    console.line(f"  {spoken('story.province')}: {shown(then)} → {shown(now)} ({verdict})")
    rows = [row for row in moved["in_2025"]["rows"] if row["value"]]
    settled = sorted(
        (row for row in rows if not row["commune"].startswith("unattributed")), key=lambda row: -row["value"]
    )
    divided = [row for row in rows if row["commune"].startswith("unattributed")]
    for row in settled[:_SHOWN_COMMUNES]:
        console.line(f"  {shown(row['value']):>5}  {_place(row, day)}")
    rest = sum(row["value"] for row in settled[_SHOWN_COMMUNES:])
    console.line(f"  {shown(rest):>5}  … {len(settled) - _SHOWN_COMMUNES} {spoken('story.other_communes')}")
    for row in sorted(divided, key=lambda row: -row["value"])[:3]:
        console.line(f"  {shown(row['value']):>5}  {_place(row, day)}")
    unsettled = sum(row["value"] for row in divided[3:])
    console.line(f"  {shown(unsettled):>5}  … {max(0, len(divided) - 3)} {spoken('story.other_unplaced')}")


def _place(row: dict[str, Any], day: date) -> str:
    return named(row["commune"], "commune", day, row.get("name"))
