"""The upgrade folds stored numbers as services fold those of rows: a record would not be found otherwise."""

from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import fold

_REVISION = "0020_folded_numbers"
_LETTERS = st.text(
    st.sampled_from("aAđĐqQ09 -\u2013\u2011\u2212/\u2044\u00a0\u00ad\uff21\uff0d._"), max_size=12
)


@pytest.fixture(params=["registry", "treatment", "incidents"], scope="module")
def revision(request: pytest.FixtureRequest) -> ModuleType:
    return import_module(f"services.{request.param}.migrations.{_REVISION}")


@given(st.one_of(_LETTERS, st.text(max_size=12)))
def test_the_upgrade_folds_as_the_services_do(revision: ModuleType, number: str) -> None:
    assert revision._fold(number) == fold(number)
