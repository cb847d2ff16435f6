"""Register files by the command line into the owning service: rows per second, start of the process included."""

import csv
import time
from pathlib import Path

from tests.bench.table import Table
from tests.support.stack.cli import khopso
from tests.support.stack.harness import Province
from tests.support.stack.keeping import unit_of
from tests.support.stack.registers import Registers


def measure(province: Province, rows: int, table: Table) -> None:
    """A form without identity and one with it."""
    folder = province.layout.data_dir / "files"
    folder.mkdir(exist_ok=True)
    registers = Registers(11, scale=max(1, rows // 6))
    batches = registers.slice(0)

    def clerk(unit: str) -> str:
        return province.issuer.mint(unit, "clerk")

    for form in ("facilities", "clinicians"):
        rows_of = [r for b in batches if b.form == form for r in b.rows]
        rows_of = [row for row in rows_of if unit_of(form, row) == "health:30"]
        khopso(province, "import", form, write(folder, form, rows_of), token=clerk("health:30"))
    for form in ("doses", "fires", "registry", "determination"):
        found = [row for batch in batches if batch.form == form for row in batch.rows][:rows]
        # One clerk's file: doses are handed in by their own site alone.
        by = {"fires": "police:30", "registry": "police:30", "doses": "CS-M1"}.get(form, "health:30")
        found = [{"unit_code": unit_of(form, row), **row} for row in found]
        found = [row for row in found if form != "doses" or row["unit_code"] == by]
        path = write(folder, form, found)
        begun = time.perf_counter()
        answer = khopso(province, "import", form, path, token=clerk(by))
        seconds = time.perf_counter() - begun
        assert answer["accepted"], answer
        table.add("–", f"import of {len(found)} rows of `{form}` by the command line",
                  f"{len(found) / seconds:,.0f} rows/s ({seconds:.1f} s)", "≥ 2,000 rows/s")  # fmt: skip


def write(folder: Path, form: str, rows: list[dict[str, str]]) -> Path:
    """Rows as a CSV file."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    path = folder / f"{form}.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path
