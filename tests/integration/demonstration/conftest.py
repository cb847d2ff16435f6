"""One stack with the whole demonstration in it, for these tests alone."""

from collections.abc import Iterator
from functools import partial

import pytest

from contracts.forms import FORMS
from demo import hands_in
from demo.generate import build
from khopso.api import Api
from khopso.registers.handin import hand_in
from tests.support.stack.cli import api_of
from tests.support.stack.harness import Province


@pytest.fixture(scope="package")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The province of 2023, handed in as files as `khopso demo` does it: each row by a clerk of its unit."""
    files = build(tmp_path_factory.mktemp("files"))
    with Province(tmp_path_factory.mktemp("demo"), "embedded", split=False) as province:
        for form, path in files:
            with api_of(province, tmp_path_factory.mktemp("api")) as api:
                outcome = hand_in(api, FORMS[form], path, FORMS, by_unit=partial(_clerk_for, api, form))
            assert outcome.accepted + outcome.corrected + outcome.unchanged, f"{path.name}: nothing taken"
            assert not outcome.refused, f"{path.name}: {outcome.all_faults()[:3]}"
        province.settled(240)
        yield province


def _clerk_for(api: Api, form: str, unit: str) -> Api:
    return api.clerk_of(hands_in(form, unit))
