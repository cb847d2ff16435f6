"""The columns that each version of a form's template had, under which headers (``data/template-columns.csv``)."""

from dataclasses import dataclass
from functools import cache

from reference.tables import national_table


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column of one version of a form's template; ``header`` is its Vietnamese name in it."""

    form: str
    version: int
    column: str
    header: str


@cache
def template_columns() -> tuple[TemplateColumn, ...]:
    """Return the columns of all versions, as they stand in the templates."""
    return tuple(
        TemplateColumn(row["form"], int(row["version"]), row["column"], row["header"])
        for row in national_table("template-columns.csv")
    )
