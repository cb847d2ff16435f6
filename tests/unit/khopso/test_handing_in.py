"""Matching headers, what a cell becomes on the wire, and posting in chunks."""

# ruff: noqa: DTZ001  - a cell of a spreadsheet has a local date-time without a zone

import threading
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from contracts.forms import FORMS
from contracts.forms.spec import Kind
from khopso.failure import Exit, FailureError
from khopso.registers.handin import CHUNK_ROWS, Outcome, hand_in
from registerfiles.columns import HeaderError, wire
from registerfiles.failure import ContentError
from registerfiles.parts import Choices
from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW, write_csv, write_xlsx

CONFLICTS = FORMS["conflicts"]
CONFLICT_COUNT = CHUNK_ROWS + 200


class Service:
    """Answers like a service that accepts everything but the rows it is told to refuse."""

    def __init__(
        self, refuse: Mapping[int, tuple[str, str]] | None = None, fail_at: int | None = None
    ) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self._refuse = dict(refuse or {})
        self._fail_at = fail_at

    def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any:
        if self._fail_at is not None and len(self.bodies) == self._fail_at:
            raise FailureError(Exit.UNREACHABLE, "service_unreachable", service=service, url="http://x")
        self.bodies.append(body)
        self.paths.append(f"{service}{path}")
        rows = [row["row"] for row in body["rows"]]
        refused = [
            {
                "row": number,
                "field": self._refuse[number][0],
                "value": "?",
                "rule": self._refuse[number][1],
                "message": {"vi": "sai", "en": "wrong"},
            }
            for number in rows
            if number in self._refuse
        ]
        return {
            "form": "conflicts",
            "accepted": len(rows) - len(refused),
            "unchanged": 0,
            "corrected": 0,
            "withdrawn": 0,
            "restored": 0,
            "refused_rows": len(refused),
            "refused": refused,
            "notes": [],
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for body in self.bodies for row in body["rows"]]


def give(service: Service, path: Path, form: str = "conflicts", **options: Any) -> Outcome:
    return hand_in(service, FORMS[form], path, FORMS, **options)


def test_english_ids_and_vietnamese_names_mean_the_same_columns(tmp_path: Path) -> None:
    english, vietnamese = Service(), Service()
    names = [CONFLICTS.by_id[column].vi for column in CONFLICT_HEADER]
    shouted = [unicodedata.normalize("NFD", f"  {name.upper()} ") for name in names]
    give(english, write_csv(tmp_path / "en.csv", [CONFLICT_HEADER, CONFLICT_ROW]))
    give(vietnamese, write_csv(tmp_path / "vi.csv", [shouted, CONFLICT_ROW]))
    assert english.rows == vietnamese.rows
    assert english.paths == ["incidents/v1/forms/conflicts/records"]


def test_column_order_does_not_matter_and_blanks_are_sent_as_null(tmp_path: Path) -> None:
    service = Service()
    pairs = [*zip(CONFLICT_HEADER, CONFLICT_ROW, strict=True), ("outcome", None)]
    give(service, write_xlsx(tmp_path / "a.xlsx", list(zip(*reversed(pairs), strict=True))))
    assert service.rows == [
        {
            "row": 2,
            "values": {
                "outcome": None,
                "conflict_no": "MT-1",
                "commune_code": "10513",
                "detected_on": "11/04/2023",
                "level": 1,
                "cause": "land",
                "parties": 2,
                "status": "in_progress",
                "prolonged": "không",
            },
        }
    ]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_knows_its_columns_by_both_names(form: str) -> None:
    for column in FORMS[form].columns:
        assert FORMS[form].header(column.id) is column
        assert FORMS[form].header(column.vi) is column


def test_an_unknown_column_with_values_stops_the_file_unless_it_is_left_out(tmp_path: Path) -> None:
    service = Service()
    path = write_csv(tmp_path / "a.csv", [(*CONFLICT_HEADER, "Ghi chú"), (*CONFLICT_ROW, "gấp")])
    with pytest.raises(HeaderError) as refused:
        give(service, path)
    assert refused.value.rule == "unknown_column_filled"
    assert not service.bodies
    outcome = give(service, path, choices=Choices(ignored=frozenset({"ghi chú"})))
    assert [(note.row, note.field, note.rule) for note in outcome.notes] == [(1, "Ghi chú", "unknown_column")]
    assert (outcome.accepted, outcome.refused) == (1, 0)
    assert "gấp" not in str(service.bodies)


def test_an_unknown_column_without_values_is_told_and_stops_nothing(tmp_path: Path) -> None:
    outcome = give(Service(), write_csv(tmp_path / "a.csv", [(*CONFLICT_HEADER, "Ghi chú"), CONFLICT_ROW]))
    assert [(note.field, note.rule) for note in outcome.notes] == [("Ghi chú", "unknown_column")]
    assert outcome.accepted == 1


def test_a_missing_required_column_refuses_the_file(tmp_path: Path) -> None:
    service = Service()
    path = write_csv(tmp_path / "a.csv", [CONFLICT_HEADER[:4], CONFLICT_ROW[:4]])
    with pytest.raises(HeaderError) as refused:
        give(service, path)
    assert [(fault.field, fault.rule) for fault in refused.value.faults] == [
        ("cause", "missing_column"),
        ("parties", "missing_column"),
        ("status", "missing_column"),
    ]
    assert not service.bodies


def test_a_file_that_withdraws_rows_needs_only_the_key(tmp_path: Path) -> None:
    service = Service()
    give(service, write_csv(tmp_path / "a.csv", [("conflict_no", "void"), ("MT-1", "x")]))
    assert service.rows == [{"row": 2, "values": {"conflict_no": "MT-1", "void": "x"}}]


def test_a_column_twice_refuses_the_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [(*CONFLICT_HEADER, "Mức độ"), (*CONFLICT_ROW, 2)])
    with pytest.raises(HeaderError) as refused:
        give(Service(), path)
    assert refused.value.rule == "duplicate_column"


@pytest.mark.parametrize(
    ("form", "rule", "named"),
    [("registry", "header_other_form", "conflicts"), ("facilities", "header_other_form", "conflicts")],
)
def test_the_wrong_form_is_recognised(tmp_path: Path, form: str, rule: str, named: str) -> None:
    path = write_csv(tmp_path / "a.csv", [CONFLICT_HEADER, CONFLICT_ROW])
    with pytest.raises(ContentError) as refused:
        give(Service(), path, form)
    assert refused.value.rule == rule
    assert named in refused.value.text.vi


def test_rows_without_a_header_are_not_taken_for_one(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as refused:
        give(Service(), write_csv(tmp_path / "a.csv", [CONFLICT_ROW, CONFLICT_ROW]))
    assert refused.value.rule == "header_missing"


def test_a_header_without_rows_says_so(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as refused:
        give(Service(), write_csv(tmp_path / "a.csv", [CONFLICT_HEADER]))
    assert refused.value.rule == "file_no_rows"


def test_a_row_with_a_formula_is_refused_here_and_the_others_go_on(tmp_path: Path) -> None:
    service = Service()
    computed = [*CONFLICT_ROW]
    computed[CONFLICT_HEADER.index("parties")] = "=1+1"
    outcome = give(service, write_xlsx(tmp_path / "a.xlsx", [CONFLICT_HEADER, computed, CONFLICT_ROW]))
    assert [row["row"] for row in service.rows] == [3]
    fault = outcome.all_faults()[0]
    assert (fault.row, fault.field, fault.value, fault.rule) == (2, "parties", "=1+1", "formula")
    assert "F2" in fault.message.vi
    assert outcome.accepted == 1


def test_a_formula_in_a_column_that_nobody_takes_refuses_nothing(tmp_path: Path) -> None:
    outcome = give(
        Service(), write_xlsx(tmp_path / "a.xlsx", [("STT", *CONFLICT_HEADER), ("=ROW()-1", *CONFLICT_ROW)])
    )
    assert outcome.accepted == 1
    assert not outcome.refused


def test_values_beside_the_header_refuse_their_row(tmp_path: Path) -> None:
    service = Service()
    path = write_csv(tmp_path / "a.csv", [CONFLICT_HEADER, (*CONFLICT_ROW, "thừa"), CONFLICT_ROW])
    outcome = give(service, path)
    assert [(fault.row, fault.rule, fault.value) for fault in outcome.all_faults()] == [
        (2, "extra_cells", "thừa")
    ]
    assert [row["row"] for row in service.rows] == [3]


def test_chunks_go_out_one_after_the_other_in_file_order(tmp_path: Path) -> None:
    rows = [(f"MT-{number}", *CONFLICT_ROW[1:]) for number in range(2 * CONFLICT_COUNT)]
    service = Service()
    seen: list[tuple[int, int | None]] = []
    outcome = give(
        service,
        write_csv(tmp_path / "a.csv", [CONFLICT_HEADER, *rows]),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [len(body["rows"]) for body in service.bodies] == [
        CHUNK_ROWS,
        CHUNK_ROWS,
        2 * CONFLICT_COUNT - 2 * CHUNK_ROWS,
    ]
    assert [row["values"]["conflict_no"] for row in service.rows] == [row[0] for row in rows]
    assert outcome.accepted == len(rows)
    assert seen[-1] == (len(rows), len(rows))


def test_what_the_service_refuses_comes_back_with_its_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [CONFLICT_HEADER, CONFLICT_ROW, CONFLICT_ROW])
    outcome = give(Service({3: ("level", "maximum")}), path, unit="police:288", dry_run=True)
    assert outcome.document() == {
        "form": "conflicts",
        "accepted": 1,
        "unchanged": 0,
        "corrected": 0,
        "withdrawn": 0,
        "restored": 0,
        "refused": [
            {
                "row": 3,
                "field": "level",
                "value": "?",
                "rule": "maximum",
                "message": {"vi": "sai", "en": "wrong"},
            }
        ],
        "refused_rows": 1,
        "notes": [],
        "dry_run": True,
    }
    assert outcome.sheets[0].refused_rows[3].cells == [str(cell) for cell in CONFLICT_ROW]


def test_unit_and_dry_run_are_passed_on(tmp_path: Path) -> None:
    service = Service()
    path = write_csv(tmp_path / "a.csv", [CONFLICT_HEADER, CONFLICT_ROW])
    give(service, path, unit="police:288", dry_run=True)
    give(service, path)
    assert (service.bodies[0]["unit"], service.bodies[0]["dry_run"]) == ("police:288", True)
    assert ("unit" in service.bodies[1], service.bodies[1]["dry_run"]) == (False, False)


def test_a_service_that_goes_away_leaves_no_thread_and_says_how_far_it_came(tmp_path: Path) -> None:
    rows = [(f"MT-{number}", *CONFLICT_ROW[1:]) for number in range(6 * CHUNK_ROWS)]
    path = write_csv(tmp_path / "a.csv", [CONFLICT_HEADER, *rows])
    with pytest.raises(FailureError) as stopped:
        give(Service(fail_at=2), path)
    assert stopped.value.exit_code == Exit.UNREACHABLE
    assert f"{2 * CHUNK_ROWS}/{len(rows)}" in stopped.value.details[-1]
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


@pytest.mark.parametrize(
    ("cell", "kind", "sent"),
    [
        (10513.0, Kind.COMMUNE, "10513"),
        (30090000001.0, Kind.NATIONAL_ID, "30090000001"),
        (15.0, Kind.TEXT, "15"),
        (1990.0, Kind.BIRTH, "1990"),
        (1500.0, Kind.INTEGER, 1500),
        (0.5, Kind.DECIMAL, 0.5),
        ("1.500", Kind.INTEGER, "1.500"),
        (True, Kind.FLAG, "yes"),
        (False, Kind.FLAG, "no"),
        (date(2023, 1, 2), Kind.DATE, "2023-01-02"),
        (datetime(2023, 1, 2), Kind.DATE, "2023-01-02"),
        (datetime(2023, 1, 2, 8, 30), Kind.DATE, "2023-01-02 08:30"),
        (datetime(2023, 1, 2, 14, 29, 59, 999_700), Kind.DATETIME, "2023-01-02 14:30"),
        (datetime(2023, 1, 2), Kind.DATETIME, "2023-01-02 00:00"),
        (datetime(2023, 1, 2), Kind.MOMENT, "2023-01-02"),
        (time(8, 30), Kind.DATE, "08:30:00"),
    ],
)
def test_cells_on_the_wire(cell: Any, kind: Kind, sent: Any) -> None:
    assert wire(cell, kind) == sent


def test_rows_of_units_that_take_turns_are_one_request_a_unit_in_file_order(tmp_path: Path) -> None:
    units = ["police:10513", "police:10516", "police:10513", "police:10516", "police:10513"]
    rows = [(unit, f"MT-{number}", *CONFLICT_ROW[1:]) for number, unit in enumerate(units)]
    path = write_csv(tmp_path / "a.csv", [("unit_code", *CONFLICT_HEADER), *rows])
    services = {unit: Service() for unit in units}
    give(Service(), path, by_unit=services.__getitem__)
    for unit, service in services.items():
        assert len(service.bodies) == 1
        assert [row["row"] for row in service.rows] == [
            number for number, named in enumerate(units, 2) if named == unit
        ]


def test_rows_of_many_units_by_one_sender_are_one_request(tmp_path: Path) -> None:
    service = Service()
    rows = [(f"police:{unit}", f"MT-{unit}", *CONFLICT_ROW[1:]) for unit in ("10513", "10516", "10519")]
    give(
        service,
        write_csv(tmp_path / "a.csv", [("unit_code", *CONFLICT_HEADER), *rows]),
        by_unit=lambda _: service,
    )
    assert len(service.bodies) == 1
    assert [row["row"] for row in service.rows] == [2, 3, 4]
