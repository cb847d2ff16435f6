"""OpenAPI of the services: committed for all four, closed without a token, with problems instead of bare errors."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.forms import FORMS
from contracts.topics import SERVICES
from tests.support.routes import OPEN_PATHS
from texts import message
from tools.generators import openapi

COMMITTED = Path(__file__).parents[2] / "contracts" / "openapi"
METHODS = {"get", "put", "post", "patch", "delete"}


@cache
def openapi_document(service: str) -> dict[str, Any]:
    return openapi.openapi_document(service)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


@pytest.mark.parametrize("service", SERVICES)
def test_document_of_the_service_is_committed(service: str) -> None:
    text = (COMMITTED / f"{service}.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(openapi_document(service)))


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_but_the_open_ones_needs_a_token_and_answers_with_problems(service: str) -> None:
    found = operations(openapi_document(service))
    closed = {name: operation for name, operation in found.items() if name.split()[1] not in OPEN_PATHS}
    assert len(closed) > 5
    for name, operation in closed.items():
        assert operation.get("security"), f"{name} needs no token"
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert "application/problem+json" in answer.get("content", {}), f"{name} {status}"


@pytest.mark.parametrize("service", SERVICES)
def test_service_takes_its_forms_and_says_how_far_it_is(service: str) -> None:
    found = operations(openapi_document(service))
    assert {
        "get /v1/progress",
        "get /v1/submission-key",
        "get /v1/forms",
        "get /v1/forms/{form}",
        "post /v1/forms/{form}",
        "post /v1/forms/{form}/records",
        "get /v1/forms/{form}/records",
    } <= found.keys()
    assert [form for form in FORMS.values() if form.service == service]


@pytest.mark.parametrize("service", SERVICES)
def test_operation_ids_are_unique_and_every_reference_leads_somewhere(service: str) -> None:
    document = openapi_document(service)
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert sorted(ids) == sorted(set(ids))
    schemas = document["components"]["schemas"]
    references = {part.split('"')[0] for part in json.dumps(document).split('"#/components/schemas/')[1:]}
    assert references - schemas.keys() == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_a_name_to_call_and_says_in_both_languages_what_it_does(service: str) -> None:
    for name, operation in operations(openapi_document(service)).items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"]), name
        text = message(f"api.{operation['operationId']}")
        assert operation["summary"] == f"{text.vi} / {text.en}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_description_of_a_parameter_or_answer_is_said_in_both_languages(service: str) -> None:
    for name, operation in operations(openapi_document(service)).items():
        said = [parameter.get("description") for parameter in operation.get("parameters", ())]
        said += [answer["description"] for answer in operation["responses"].values()]
        for text in filter(None, said):
            assert text == "Successful Response" or " / " in text, f"{name}: {text}"
