"""What the OpenAPI document says of the routes is what they answer: models, examples, names, languages."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from services.chassis.platform import Platform
from services.chassis.problems import ProblemDocument
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.dissemination import shapes
from services.reporting.figures.shapes import FigureAnswer, figure_example
from services.reporting.subscriptions import shapes as follow_shapes
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import HAI_DUONG, NOW, Log, fold, listed

CALLERS = {
    "committee": Principal("committee:30", "30", "official", "b"),
    "analyst": Principal("health:30", "30", "analyst", "a"),
}
ADDICTS = "registry.addicts_with_file"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    log = Log()
    log.write(
        "drug_cases", "1", commune=HAI_DUONG, detected_on=date(2023, 1, 10), offence="trade", subjects=1
    )
    for number in range(6):
        listed(log, f"a{number}", "addict", date(2023, 1, 1))
    await fold(platform, log.messages)
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        made.headers.update(bearer("committee"))
        yield made


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (FigureAnswer, figure_example()),
        (shapes.DataPage, shapes.data_example()),
        (follow_shapes.FollowMade, follow_shapes.follow_example()),
        (follow_shapes.FollowList, follow_shapes.follows_example()),
    ],
)
def test_examples_are_of_the_shape_that_they_illustrate(model: type[BaseModel], example: Any) -> None:
    model.model_validate(example)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("committee", f"/v1/figures/{ADDICTS}?as_of=2023-12-14&by=commune&known_at=2024-01-05"),
        ("committee", "/v1/figures/fires.cases?calendar=health&period=2024&geography=2025-07-01"),
        ("committee", "/v1/figures/registry.users_with_decision_pct?as_of=2023-12-14&by=area"),
        ("committee", "/v1/figures/methadone.active?as_of=2023-12-14&area_of=facility&by=facility"),
        ("committee", "/v1/figures/areas.drug_hot?as_of=2023-12-14&geography=2025-07-01"),
        ("analyst", f"/v1/figures/{ADDICTS}?as_of=2023-11-30&by=area"),
    ],
)
async def test_one_figure_is_answered_in_the_shape_described(
    client: httpx.AsyncClient, who: str, path: str
) -> None:
    answer = await client.get(path, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    FigureAnswer.model_validate(answer.json())


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("committee", "/v1/data/all?startPeriod=2023&by=area&limit=1000"),
        ("committee", f"/v1/data/{ADDICTS}?startPeriod=2023-12-14&by=sex&includeHistory=true"),
        ("committee", "/v1/data/drug_cases.detected?startPeriod=2023&by=offence&updatedAfter=2023-01-02"),
        ("analyst", f"/v1/data/{ADDICTS}?startPeriod=2023-11&by=area"),
    ],
)
async def test_data_pages_have_the_shape_described(client: httpx.AsyncClient, who: str, path: str) -> None:
    answer = await client.get(path, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    assert shapes.DataPage.model_validate(answer.json()).observations


async def test_follows_and_refusals_have_the_shapes_described(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/follows", json={"figure": ADDICTS, "by": "area"})
    listed_ = await client.get("/v1/follows")
    refused = await client.post("/v1/follows", json={"figure": "registry.adicts"})
    follow_shapes.FollowMade.model_validate(made.json())
    assert follow_shapes.FollowList.model_validate(listed_.json()).follows
    assert ProblemDocument.model_validate(refused.json()).rule == "figure"
    assert "addicts" in refused.json()["errors"][0]["message"]["en"]
