"""Which registers a figure rests on, as data (``figure-forms.csv``): where one is not handed in, the figure is not whole."""

from fnmatch import fnmatchcase
from functools import lru_cache

from reference.tables import national_table


@lru_cache(maxsize=512)
def forms_behind(figure: str) -> tuple[str, ...]:
    """Return the forms that are handed in period by period and that the figure counts; none for a list or a target.

    Of a ratio ask for its two figures.

    Raises:
        LookupError: the data say nothing of the figure.
    """
    for row in national_table("figure-forms.csv"):
        if fnmatchcase(figure, row["pattern"]):
            return tuple(row["forms"].split())
    raise LookupError(f"figure-forms.csv says nothing of {figure}")
