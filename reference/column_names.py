"""Names that columns of registers usually have, besides the name in the form (``data/column-names.csv``)."""

from functools import cache

from reference.tables import national_table

_EVERY_FORM = "*"
ORDINAL = "ordinal"
"""In the table: the column that only numbers the rows (STT, số thứ tự); no form takes it."""


@cache
def usual_names(form: str, column: str) -> tuple[str, ...]:
    """Return the usual names of a column: those of the form itself, then those that it has in every form."""
    table = national_table("column-names.csv")
    return tuple(
        row["name"]
        for scope in (form, _EVERY_FORM)
        for row in table
        if row["form"] == scope and row["column"] == column
    )
