"""Text and parameters that no service can use are refused at every route, in the same words, and never with a 500.

Each case is sent to every route of all four services; what a route is and takes comes from its OpenAPI document.
"""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.registers import Service
from tests.support.routes import OPEN_PATHS

UUID_OF_NOBODY = "00000000-0000-7000-8000-000000000000"
# Percent-encoded as they travel: NUL, a line break, an escape, DEL, a C1 control, a mark that turns the direction of
# writing, a lone surrogate, a broken sequence.
UNUSABLE = ("%00", "a%00b", "%0A", "%1B", "%7F", "%C2%85", "%E2%80%AE", "%ED%A0%80", "%FF")
UNUSABLE_IN_JSON = ("\\u0000", "a\\u0000b", "\\u001b", "\\u007f", "\\u0085", "\\u202e", "\\ud800")


@dataclass(frozen=True)
class Route:
    """A route as its document describes it, with something plausible for each part of its path."""

    method: str
    template: str
    parameters: tuple[str, ...]
    takes_body: bool

    @property
    def path(self) -> str:
        return self.with_part("1")

    def with_part(self, value: str) -> str:
        """The path with this value for the last of its parts."""
        head, brace, tail = self.template.rpartition("{")
        filled = f"{head}{value}{tail.partition('}')[2]}" if brace else self.template
        for name, part in (("{form}", "registry"), ("{code}", "registry.users"), ("{number}", "1")):
            filled = filled.replace(name, part)
        while "{" in filled:
            before, _, after = filled.partition("{")
            filled = f"{before}{UUID_OF_NOBODY}{after.partition('}')[2]}"
        return filled


async def routes_of(service: Service) -> list[Route]:
    document = (await service.client.get("/openapi.json")).json()
    return [
        Route(
            method.upper(),
            template,
            tuple(each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"),
            "requestBody" in operation,
        )
        for template, methods in document["paths"].items()
        if template not in OPEN_PATHS
        for method, operation in methods.items()
    ]


def _role_for(path: str) -> str:
    """Who may ask at all: what operators look after is refused to everybody else, whatever is wrong with it."""
    return "operator" if path.startswith(("/v1/dlq", "/v1/consumers")) else "admin"


async def ask(service: Service, route: Route, path: str, query: str = "", **more: Any) -> httpx.Response:
    headers = service.as_(_role_for(path)) | more.pop("headers", {})
    if route.takes_body and "content" not in more:
        more["json"] = {}
    url = f"{path}?{query}" if query else path
    return await service.client.request(route.method, url, headers=headers, **more)


def rules(answer: httpx.Response) -> set[str]:
    return {fault["rule"] for fault in answer.json()["errors"]}


@pytest.mark.parametrize("text", UNUSABLE)
async def test_unusable_text_in_a_parameter_is_refused_at_every_route(service: Service, text: str) -> None:
    asked = 0
    for route in await routes_of(service):
        for name in route.parameters:
            answer = await ask(service, route, route.path, f"{name}={text}")
            told = answer.json()
            assert (answer.status_code, told["rule"]) == (400, "text_unusable"), (route, name)
            assert [(fault["field"], fault["value"]) for fault in told["errors"]] == [(name, "…")]
            asked += 1
    assert asked > 8


@pytest.mark.parametrize("text", UNUSABLE)
async def test_unusable_text_in_a_path_is_refused_at_every_route(service: Service, text: str) -> None:
    asked = 0
    for route in await routes_of(service):
        if "{" in route.template:
            answer = await ask(service, route, route.with_part(text))
            assert (answer.status_code, answer.json()["rule"]) == (400, "text_unusable"), route
            assert [fault["field"] for fault in answer.json()["errors"]] == ["path"]
            asked += 1
    assert asked > 3


async def test_a_number_beyond_every_column_is_refused_at_every_route(service: Service) -> None:
    asked = 0
    document = (await service.client.get("/openapi.json")).json()
    for route in await routes_of(service):
        numbers = [
            (each["in"], each["name"], each["schema"])
            for each in document["paths"][route.template][route.method.lower()].get("parameters", ())
            if each["schema"].get("type") == "integer"
        ]
        for where, name, schema in numbers:
            assert min(schema.get(limit, 2**63) for limit in ("maximum", "exclusiveMaximum")) < 2**63, name
            for number in (str(2**63), str(-(2**63) - 1), "9" * 400):
                path, query = (
                    (route.path, f"{name}={number}") if where == "query" else (route.with_part(number), "")
                )
                answer = await ask(service, route, path, query)
                assert answer.status_code == 422, (route, name, answer.text)
                assert name in {fault["field"] for fault in answer.json()["errors"]}
                asked += 1
    assert asked >= 18


async def test_unusable_text_in_the_name_of_a_parameter_or_in_a_header_is_refused(service: Service) -> None:
    answer = await service.client.get("/v1/forms?a%00b=1", headers=service.as_())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "query")
    for header in (b"khopso-purpose", b"x-anything", b"x-correlation-id"):
        sent = [(b"authorization", service.as_()["authorization"].encode()), (header, b"a\x00b")]
        answer = await service.client.get("/v1/forms", headers=sent)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, header.decode())


@pytest.mark.parametrize("text", UNUSABLE_IN_JSON)
async def test_unusable_text_in_a_body_is_refused_at_every_route(service: Service, text: str) -> None:
    asked = 0
    for route in await routes_of(service):
        if not route.takes_body or route.template == "/v1/forms/{form}":
            continue
        for body, place in ((f'{{"unit": "{text}"}}', "unit"), (f'{{"a": [{{"b": "{text}"}}]}}', "a.0.b")):
            headers = {"content-type": "application/json"}
            answer = await ask(service, route, route.path, content=body.encode(), headers=headers)
            assert answer.status_code == 422, (route, answer.text)
            if text != "\\ud800":
                found = [(each["field"], each["rule"], each["value"]) for each in answer.json()["errors"]]
                assert found == [(place, "text_unusable", "…")], route
            asked += 1
    assert asked >= 4


async def test_an_unusable_cell_refuses_its_own_row_and_no_other(service: Service) -> None:
    forms = {"registry": "registry", "treatment": "facilities", "incidents": "fires", "reporting": "declared"}
    form = forms[service.platform.settings.service]
    rows = [{"row": number, "values": {"note": text}} for number, text in ((2, "a\x00b"), (3, "fine"))]
    answer = await service.client.post(
        f"/v1/forms/{form}/records", json={"rows": rows, "dry_run": True}, headers=service.keeper(form)
    )
    assert answer.status_code == 200
    assert {fault["row"] for fault in answer.json()["refused"]} == {2, 3}
    assert "text_unusable" not in answer.text


async def test_parameters_that_a_route_does_not_have_are_refused_at_every_route(service: Service) -> None:
    for route in await routes_of(service):
        answer = await ask(service, route, route.path, "patient_no=30-0066")
        told = answer.json()
        # A path that names nothing may be told first; what must not happen is an answer as if nothing had been asked.
        assert answer.status_code in (404, 422), (route, answer.text)
        if answer.status_code == 422:
            fault = next(each for each in told["errors"] if each["field"] == "patient_no")
            assert fault["rule"] == "unknown_parameter", route


async def test_a_parameter_given_twice_is_refused_and_the_known_ones_are_named(service: Service) -> None:
    answer = await service.client.get("/v1/dlq?limit=1&limit=2", headers=service.as_("operator"))
    assert (answer.status_code, rules(answer)) == (422, {"parameter_twice"})
    answer = await service.client.get("/v1/dlq?limt=1", headers=service.as_("operator"))
    assert "limit" in answer.json()["errors"][0]["message"]["en"]


@pytest.mark.parametrize("text", ["²", "１２", "٣", "9" * 5000], ids=lambda text: text[:4])
async def test_a_number_has_the_digits_0_to_9_at_every_route(service: Service, text: str) -> None:
    for route in await routes_of(service):
        for name in {"limit", "offset", "days", "sample", "year", "cursor", "after", "chain"} & set(
            route.parameters
        ):
            answer = await service.client.request(
                route.method, route.path, params={name: text}, headers=service.as_(_role_for(route.path))
            )
            assert answer.status_code < 500, (route, name)
            if name in ("limit", "offset", "days", "sample", "chain"):
                assert answer.status_code in (404, 422), (route, name, answer.text)


async def test_the_year_of_a_report_has_the_digits_0_to_9(services: dict[str, Service]) -> None:
    reporting = services["reporting"]
    for format_ in ("json", "docx", "pdf", "xlsx"):
        answer = await reporting.client.get(
            f"/v1/reports/annual.{format_}", params={"year": "２０２３"}, headers=reporting.as_("official")
        )
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "report_year")


@pytest.mark.parametrize(
    "taken",
    [
        [{"record": {}, "row": 0}],
        [{"record": None, "row": 1}],
        [{"record": 7, "row": 1}],
        [{"record": UUID_OF_NOBODY, "row": "x"}],
        [{"record": UUID_OF_NOBODY, "row": 1e400}],
        [{"record": UUID_OF_NOBODY, "row": True}],
        [7],
        {},
        {"record": UUID_OF_NOBODY},
        "x",
        [[]],
        [None],
    ],
    ids=repr,
)
async def test_a_match_takes_only_its_own_shape(service: Service, taken: Any) -> None:
    form = (await service.client.get("/v1/forms", headers=service.as_())).json()["forms"][0]["form"]
    body = json.dumps({"rows": [], "taken": taken}).replace("Infinity", "1e400").encode()
    answer = await service.client.post(f"/v1/forms/{form}/matches", content=body, headers=service.as_())
    assert answer.status_code == 422
    assert all(fault["value"] is None for fault in answer.json()["errors"])


@pytest.mark.parametrize("name", ["rows", "columns", "unit", "area", "agency", "as_of", "against", "final"])
@pytest.mark.parametrize("value", [7, {}, [{}], [[]], 1.5])
async def test_every_member_of_a_match_is_held_to_its_type(service: Service, name: str, value: Any) -> None:
    form = (await service.client.get("/v1/forms", headers=service.as_())).json()["forms"][0]["form"]
    body = {"rows": [], name: value}
    answer = await service.client.post(f"/v1/forms/{form}/matches", json=body, headers=service.as_())
    assert answer.status_code == 422


async def test_no_answer_sends_a_caller_to_the_host_that_the_request_names(service: Service) -> None:
    for path in ("/v1/forms/", "/v1/progress/", "/live/", "/v1/dlq/", "/v1/units/"):
        answer = await service.client.get(path, headers=service.as_() | {"host": "evil.test"})
        assert answer.status_code == 404
        assert "evil" not in str(answer.headers)
