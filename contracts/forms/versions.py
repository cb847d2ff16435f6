"""Versions of the templates: which columns each had, under which headers (``reference/data/template-columns.csv``).

Ids of columns stay; names are put right and columns are added. A book that a clerk began with an earlier template is
read by the headers of its own version.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from contracts.forms.spec import normalise_header
from reference import TemplateColumn, template_columns


def template_version(form: str) -> int:
    """Return the newest version of the form's template."""
    return max(_versions(form))


def columns_of_version(form: str, version: int) -> Mapping[str, str] | None:
    """Return the columns that the template had, by header without what does not matter in it; None for no known version."""
    columns = _versions(form).get(version)
    if columns is None:
        return None
    return MappingProxyType({normalise_header(each.header): each.column for each in columns})


@cache
def _versions(form: str) -> dict[int, list[TemplateColumn]]:
    found: dict[int, list[TemplateColumn]] = {}
    for each in template_columns():
        if each.form == form:
            found.setdefault(each.version, []).append(each)
    return found
