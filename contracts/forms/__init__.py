"""The sixteen register forms: what a unit hands in, column by column."""

from contracts.forms.entries import list_entry, split_entry
from contracts.forms.examples import as_listed, example_mark, example_of, is_example, reads_as
from contracts.forms.furniture import day_in_words, reads_as_total
from contracts.forms.incidents import INCIDENTS_FORMS
from contracts.forms.registry import REGISTRY_FORMS
from contracts.forms.reporting import REPORTING_FORMS
from contracts.forms.spec import Column, Form, Kind, normalise_header
from contracts.forms.treatment import TREATMENT_FORMS
from contracts.forms.versions import columns_of_version, template_version

FORMS: dict[str, Form] = {
    form.name: form for form in (*REGISTRY_FORMS, *TREATMENT_FORMS, *INCIDENTS_FORMS, *REPORTING_FORMS)
}

__all__ = [
    "FORMS",
    "INCIDENTS_FORMS",
    "REGISTRY_FORMS",
    "TREATMENT_FORMS",
    "Column",
    "Form",
    "Kind",
    "as_listed",
    "columns_of_version",
    "day_in_words",
    "example_mark",
    "example_of",
    "is_example",
    "list_entry",
    "normalise_header",
    "reads_as",
    "reads_as_total",
    "split_entry",
    "template_version",
]
