"""The catalogue as data holds together: ratios of figures that there are, one figure for each code of a list."""

from reference.codes import CONFLICT_CAUSE, CONFLICT_STATUS
from reference.figures import FIGURES, nearest
from services.reporting.figures.definitions import DEFINITIONS, DRUG_HOT, DRUG_PROBLEM, RISK, TARGETS


def test_every_figure_is_either_a_ratio_of_two_others_or_counted() -> None:
    counted = {*DEFINITIONS, *TARGETS, *RISK, *DRUG_PROBLEM, DRUG_HOT}
    ratios = {code: figure for code, figure in FIGURES.items() if figure.kind == "ratio"}
    assert FIGURES.keys() - ratios.keys() == counted
    assert {part for one in ratios.values() for part in (one.numerator, one.denominator)} <= counted


def test_a_cause_or_status_added_to_its_list_has_a_figure() -> None:
    listed = {f"conflicts.cause.{code}" for code in CONFLICT_CAUSE}
    listed |= {f"conflicts.status.{code}" for code in CONFLICT_STATUS}
    assert listed <= FIGURES.keys()


def test_a_dimension_of_the_catalogue_is_one_that_the_definition_can_split_by() -> None:
    for code, definition in DEFINITIONS.items():
        assert set(FIGURES[code].dimensions) <= definition.dims.keys() | definition.lists.keys(), code


def test_codes_are_found_whatever_their_case_or_prefix() -> None:
    assert nearest(" Methadone.Actve")[0] == "methadone.active"
    assert "registry.addicts_with_file" in nearest("addicts_with_file")
    assert nearest("zzzzqqq") == []
