"""What a release is asked, and how its answers are compared with those of today."""

from collections.abc import Iterator, Mapping
from typing import Any

Params = dict[str, str]
PROVINCE, CITY, COMMUNE = "30", "290", "10552"
_LAST_DAYS = ("2023-06-30", "2023-12-31")
_KNOWN = ("2023-09-30", "2023-12-31", "2024-01-20")


def questions(catalogue: list[Mapping[str, Any]]) -> Iterator[tuple[str, Params]]:
    """Path and parameters of every question, made from the catalogue that the release itself serves."""
    for figure in catalogue:
        path = f"/v1/figures/{figure['code']}"
        dimensions = [name for name in figure["dimensions"] if name not in ("area", "commune")]
        for day in _LAST_DAYS:
            when = _when(figure, day)
            for by in (None, "area", "commune"):
                yield path, {**when, "area": PROVINCE, **_by(by)}
            yield path, {**when, "area": CITY, "by": "commune"}
            yield path, {**when, "area": COMMUNE}
        for by in dimensions:
            yield path, {**_when(figure, _LAST_DAYS[1]), "area": PROVINCE, "by": by}
        for known_at in _KNOWN:
            yield path, {**_when(figure, _LAST_DAYS[1]), "area": PROVINCE, "by": "area", "known_at": known_at}


def protected_questions() -> Iterator[tuple[str, Params]]:
    """What somebody asks who is shown protected numbers: figures of the health sector, by district."""
    for code in ("methadone.active", "detox.in_facility"):
        yield f"/v1/figures/{code}", {"as_of": "2023-12-31", "area": PROVINCE, "by": "area"}
    for code in ("determination.addicted", "methadone.entered"):
        yield (
            f"/v1/figures/{code}",
            {"from": "2023-01-01", "to": "2023-12-31", "area": PROVINCE, "by": "area"},
        )


def name_of(path: str, params: Mapping[str, str]) -> str:
    """A question as one line of text."""
    return " ".join((path, *(f"{name}={value}" for name, value in sorted(params.items()))))


def _when(figure: Mapping[str, Any], day: str) -> Params:
    if figure["asked_as"] == "stock":
        return {"as_of": day}
    return {"from": f"{day[:4]}-01-01", "to": day}


def _by(dimension: str | None) -> Params:
    return {} if dimension is None else {"by": dimension}
