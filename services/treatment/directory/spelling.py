"""Numbers of clinicians, and codes of facilities on their own list: spelt as the lists have them."""

from collections.abc import Sequence

from reference import fold, tidy
from services.registers import Row
from services.treatment.directory.domain import Directory

_COLUMNS = ("facility_code", "clinician_no")


def spell(directory: Directory, rows: Sequence[Row]) -> None:
    """Give the codes of the rows the spelling of the list, or of the first row that lists them; others become capitals."""
    for column in _COLUMNS:
        listings = directory.clinicians if column == "clinician_no" else directory.facilities
        known = {fold(code): code for code in reversed(list(listings))}
        for row in rows:
            if not row.has(column):
                continue
            code = row.text(column)
            # Two spellings that are both listed, from before codes were folded, stay two.
            if code in listings:
                continue
            folded = fold(code)
            if column == row.form.key[0]:
                known.setdefault(folded, tidy(code))
            row.values[column] = known.get(folded, folded)
