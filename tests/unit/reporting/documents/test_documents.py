"""What a report says of its numbers: sentences, tables that add up, marks, what is missing or protected."""

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from reference.figures import FIGURES
from reference.pack.areas import area_book
from services.reporting.documents import render_pdf
from services.reporting.documents.catalogue import REPORTS
from services.reporting.documents.document import Cell, Document, Printed, Table
from services.reporting.documents.parts import figures_of
from services.reporting.documents.planning import Answer, Ask
from services.reporting.documents.reference import issuer, letterhead, signature, yearly
from tests.support.packs import COMMUNE, COMMUNE_UID, DISTRICT, OTHER_COMMUNE, PROVINCE_UID
from tests.unit.reporting.documents.made import Values, made, nought, of, said, shown, table

NOWHERE = f"unattributed:{COMMUNE_UID}"
CONFLICTS = {
    "conflicts.detected": 374,
    "conflicts.parties": 1153,
    "conflicts.level.1": 120,
    "conflicts.level.2": 184,
    "conflicts.level.3": 70,
    "conflicts.status.resolved_stable": 196,
    "conflicts.status.resolved_unstable": 118,
    "conflicts.status.in_progress": 60,
    "conflicts.prolonged": 108,
    "conflicts.cause.land": 181,
    "conflicts.cause.daily_life": 98,
    "conflicts.cause.not_land_or_daily_life": 95,
}


def test_the_arithmetic_of_the_2023_report_is_stated_correctly() -> None:
    text = said(made("fires-conflicts", of(CONFLICTS)))
    assert "374 vụ mâu thuẫn với 1.153 người liên quan" in text
    assert "đang giải quyết 60 vụ (16,0%)" in text
    assert "chưa ổn định 118 vụ (31,6%)" in text
    assert "108 vụ kéo dài, bằng 60,7% số vụ chưa ổn định và đang giải quyết" in text
    assert "các nguyên nhân còn lại 95 vụ (25,4%)" in text


def test_the_year_before_is_compared_where_there_is_one_and_not_mentioned_where_there_is_none() -> None:
    def with_before(ask: Ask) -> Answer | None:
        if ask.figure == "drug_cases.detected" and ask.times.last.year == 2022:
            return Answer(524)
        return of({"drug_cases.detected": 581})(ask)

    compared, alone = made("police", with_before), made("police", of({"drug_cases.detected": 581}))
    assert "phát hiện 581 vụ, 0 đối tượng, tăng 57 vụ (10,9%) so với năm 2022 (524 vụ)" in said(compared)
    assert shown(table(compared, "cases"), "drug_cases.detected")[-2:] == ["524", "+57"]
    assert "so với" not in said(alone)
    assert [column.title for column in table(alone, "cases").columns][-1] == "Tỷ lệ (%)"
    assert "Năm 2022" not in [column.title for column in table(alone, "cases").columns]


def test_words_about_a_number_that_is_not_there_are_left_out() -> None:
    def without_target(ask: Ask) -> Answer | None:
        return Answer(None) if ask.figure == "detox.compulsory_target" else nought(ask)

    assert "chỉ tiêu giao" not in said(made("annual", without_target))
    assert "chỉ tiêu giao là 180 người" in said(made("annual", of({"detox.compulsory_target": 180})))


def _whole(ask: Ask) -> Answer:
    """Seven persons, one of them in two rows; three records of a commune that is not attributed."""
    if ask.by is None:
        return Answer(7)
    if ask.by == "area":
        return Answer(7, {DISTRICT: 5, NOWHERE: 3})
    return Answer(7, {COMMUNE: 5, OTHER_COMMUNE: 3})


def test_a_table_adds_up_over_what_is_not_attributed_and_what_is_counted_twice() -> None:
    document = made("police", _whole)
    found = table(document, "drugs-areas")
    at = {row.key: row for row in found.rows}
    values = [row.cells[2].value for row in found.rows if row.kind != "total"]
    assert (
        sum(value for value in values if isinstance(value, int | Decimal)) == at["total"].cells[2].value == 7
    )
    assert at[NOWHERE].cells[1].shown.startswith("Chưa phân bổ")
    assert at["overlap"].cells[2].value == -1
    assert "Chưa phân bổ: 3 người (“người nghiện có hồ sơ quản lý”)" in found.remarks[0]


def test_every_formula_of_every_table_gives_the_value_that_stands_in_its_cell() -> None:
    for name in ("annual", "health", "police", "fires-conflicts"):
        for found in made(name, _whole).tables():
            for row in found.rows:
                for cell in row.cells:
                    if cell.formula is not None:
                        assert _computed(found, cell) == cell.value, (found.key, row.key)


def _computed(found: Table, cell: Cell) -> Decimal:
    assert cell.formula is not None
    values = [found.rows[row].cells[column].value for row, column in cell.formula.cells]
    numbers = [Decimal(value) for value in values if isinstance(value, int | Decimal)]
    if cell.formula.op == "sum":
        return sum(numbers, Decimal())
    if cell.formula.op == "minus":
        return numbers[0] - sum(numbers[1:], Decimal())
    tenths, rest = divmod(numbers[0] * 1000, numbers[1])
    return (tenths + (1 if rest * 2 >= numbers[1] else 0)) / 10


def test_communes_stand_under_their_districts_and_the_sums_still_find_them() -> None:
    found = table(made("police", _whole), "drugs-communes")
    groups = [row for row in found.rows if row.kind == "group"]
    communes = [row for row in found.rows if row.kind == "data"]
    book, day = area_book(), date(2023, 12, 31)
    districts = book.children(PROVINCE_UID, day)
    assert len(communes) == len(book.communes(PROVINCE_UID, day))
    # One district alone is no heading.
    headings = [district.name for district in districts] if len(districts) > 1 else []
    assert [row.cells[1].shown for row in groups] == headings
    total = next(row for row in found.rows if row.kind == "total").cells[2]
    assert _computed(found, total) == 7


def test_protected_numbers_are_stars_and_nothing_is_computed_from_them() -> None:
    def hidden(ask: Ask) -> Answer:
        rows = {DISTRICT: None, NOWHERE: 40} if ask.by == "area" else {}
        return Answer(None, None if ask.by is None else rows, frozenset({None, DISTRICT}), percent_base=8)

    document = made("police", hidden)
    line = shown(table(document, "people"), "registry.addicts_in_community")
    assert line[4:6] == ["*", "*"]
    rows = table(document, "drugs-areas")
    assert shown(rows, DISTRICT)[2:4] == ["*", "*"]
    assert shown(rows, NOWHERE)[2] == "40"
    assert shown(rows, "total")[2] == "*"
    assert all(cell.formula is None for row in rows.rows for cell in row.cells)
    assert "* người nghiện ma túy có hồ sơ quản lý" in said(document)
    assert "Dấu “*”" in said(document)
    assert all(cell.value is None for cell in document.cells if cell.suppressed)


def test_shares_of_a_small_released_base_are_not_shown() -> None:
    def small(ask: Ask) -> Answer:
        value = 6 if ask.figure == "registry.users" else 5
        return Answer(value, None if ask.by is None else {}, percent_base=8)

    assert shown(table(made("police", small), "people"), "registry.users_with_decision")[4:6] == ["5", "*"]


@pytest.mark.parametrize("name", ["annual", "health", "police", "fires-conflicts"])
def test_every_printed_number_has_a_mark_that_leads_to_its_figure_time_and_definition(name: str) -> None:
    document = made(name, _whole)
    by_number = {note.number: note for note in document.notes}
    assert list(by_number) == list(range(1, len(by_number) + 1))
    marks = [run.note for run in _numbers(document) if run.note is not None]
    assert set(marks) <= set(by_number)
    for found in document.tables():
        for column in found.columns:
            if column.figure is not None and column.kind in ("number", "percent"):
                assert by_number[column.note or 0].figure == column.figure
    listed = table(document, "definitions")
    assert listed.columns[-1].kind == "code"
    assert [row.cells[-1].shown for row in listed.rows] == [note.figure for note in document.notes]
    assert all(note.version and note.owner for note in document.notes)


def _numbers(document: Document) -> list[Printed]:
    return [
        run
        for block in document.body
        if not isinstance(block, Table) and hasattr(block, "runs")
        for run in block.runs
        if isinstance(run, Printed)
    ]


def test_the_catalogue_asks_only_for_figures_that_there_are() -> None:
    for report in REPORTS.values():
        for section in report.sections:
            for part in (*section.parts, *((section.annex,) if section.annex else ())):
                for figure in figures_of(part):
                    assert figure in FIGURES


@pytest.mark.hai_duong("the windows of its annual report")
def test_a_yearly_report_takes_each_figure_at_its_agencys_cut_off() -> None:
    windows = yearly(2023)
    days = {
        figure: windows.now(figure)
        for figure in ("registry.users", "methadone.active", "conflicts.detected", "areas.risk.low")
    }
    assert (days["registry.users"].first, days["registry.users"].last) == (None, date(2023, 12, 14))
    assert days["methadone.active"].last == date(2023, 12, 19)
    assert (days["conflicts.detected"].first, days["conflicts.detected"].last) == (
        date(2023, 1, 1),
        date(2023, 12, 14),
    )
    assert days["areas.risk.low"].last == date(2023, 12, 31)
    assert all(
        (windows.now(code).first is None) == (figure.kind == "stock")
        for code, figure in FIGURES.items()
        if figure.kind != "ratio"
    )


@pytest.mark.hai_duong("the letterheads of its offices")
@pytest.mark.parametrize(
    ("office", "area", "day", "superior", "body", "symbol", "signatory"),
    [
        (
            "committee",
            "30@2008",
            date(2023, 12, 31),
            "TỈNH HẢI DƯƠNG",
            "BAN CHỈ ĐẠO 138",
            "BC-BCĐ",
            "TRƯỞNG BAN",
        ),
        ("health", "30@2008", date(2023, 12, 31), "TỈNH HẢI DƯƠNG", "SỞ Y TẾ", "BC-SYT", "GIÁM ĐỐC"),
        ("police", "30@2008", date(2023, 12, 31), "BỘ CÔNG AN", "TỈNH HẢI DƯƠNG", "BC-CAT", "GIÁM ĐỐC"),
        (
            "police",
            "291@2008",
            date(2023, 12, 31),
            "TỈNH HẢI DƯƠNG",
            "HUYỆN NAM SÁCH",
            "BC-CAH",
            "TRƯỞNG CÔNG AN",
        ),
        # No district police from 1 March 2025: the province's police issue it.
        ("police", "291@2008", date(2025, 4, 1), "BỘ CÔNG AN", "TỈNH HẢI DƯƠNG", "BC-CAT", "GIÁM ĐỐC"),
    ],
)
def test_the_issuing_office_is_that_of_the_day(
    office: str, area: str, day: date, superior: str, body: str, symbol: str, signatory: str
) -> None:
    found, place = issuer(office, area_book().by_uid[area], day)
    head = letterhead(found, place, day)
    assert (head.superior[-1], head.body[-1], head.symbol) == (superior, body, symbol)
    assert signature(found, place).offices == (signatory,)


def test_targets_and_shares_that_no_row_has_are_no_columns() -> None:
    def titles(values: Values) -> list[str]:
        return [column.title for column in table(made("annual", values), "detox-communes").columns]

    # Given targets of districts alone, and then one of a commune too
    without = of({"detox.compulsory_admitted": 5})
    target = of({"detox.compulsory_admitted": 5, "detox.compulsory_target": 9})
    assert not {"Chỉ tiêu giao", "Tỷ lệ (%)"} & {*titles(without)}
    assert {"Chỉ tiêu giao", "Tỷ lệ (%)"} <= {*titles(target)}
    # Then what is counted keeps its column, with its noughts, and no mark leads to what is not printed
    assert "Cai nghiện bắt buộc" in titles(without)
    document = made("annual", without)
    printed = table(document, "detox-communes")
    assert {len(row.cells) for row in printed.rows} == {len(printed.columns)}


@pytest.mark.hai_duong("tables that group communes by several districts")
def test_the_name_of_a_district_is_never_alone_at_the_foot_of_a_page() -> None:
    document = made("annual", nought)
    groups = {row.cells[1].shown for found in document.tables() for row in found.rows if row.kind == "group"}
    assert groups
    for page in PdfReader(io.BytesIO(render_pdf.render(document))).pages:
        lines = [line.strip() for line in page.extract_text().splitlines() if line.strip()]
        assert lines[-1] not in groups
