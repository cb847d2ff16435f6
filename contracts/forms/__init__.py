"""The sixteen register forms: what a unit hands in, column by column."""

from contracts.forms.examples import example_mark, example_of, is_example
from contracts.forms.incidents import INCIDENTS_FORMS
from contracts.forms.registry import REGISTRY_FORMS
from contracts.forms.reporting import REPORTING_FORMS
from contracts.forms.spec import Column, Form, Kind, normalise_header
from contracts.forms.treatment import TREATMENT_FORMS

FORMS: dict[str, Form] = {
    form.name: form for form in (*REGISTRY_FORMS, *TREATMENT_FORMS, *INCIDENTS_FORMS, *REPORTING_FORMS)
}

__all__ = ["FORMS", "Column", "Form", "Kind", "example_mark", "example_of", "is_example", "normalise_header"]
