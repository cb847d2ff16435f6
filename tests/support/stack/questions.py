"""The fixed set of questions by which two runs are compared, and the canonical answer to all of them."""

import json
from collections.abc import Iterator, Mapping

from reference.figures import FIGURES, Figure

Params = dict[str, str]
_KEPT = ("figure", "area", "as_of", "from", "to", "value", "rows", "numerator", "denominator", "overlap")
_THIN = frozenset(
    {
        "registry.addicts_with_file",
        "registry.users",
        "registry.addicts_in_community",
        "registry.psychosis",
        "determination.addicted",
        "determination.slips",
        "methadone.active",
        "methadone.entered",
        "methadone.doses",
        "detox.in_facility",
        "detox.compulsory_admitted",
        "detox.compulsory_target_pct",
        "drug_cases.detected",
        "drug_cases.seized_grams",
        "drug_cases.without_outcome",
        "arrests.persons",
        "fires.cases",
        "fires.damage_vnd",
        "conflicts.status.resolved_stable",
        "venues.watched",
        "hot_spots.open",
        "areas.with_drug_problem",
        "areas.risk.unclassified",
    }
)


def questions(broad: bool, year: int = 2023) -> Iterator[tuple[str, Params]]:
    """Figure code and query parameters; ``broad`` asks every figure by every dimension and known at some day."""
    for number, figure in enumerate(FIGURES.values()):
        if not broad:
            if figure.code in _THIN:
                yield figure.code, {**_when(figure, year), "by": "commune"}
            continue
        for dimension in (None, "area", "commune", *figure.dimensions):
            if figure.kind == "ratio" and dimension not in (None, "area", "commune"):
                continue
            yield figure.code, {**_when(figure, year), **({"by": dimension} if dimension else {})}
        known_at = (f"{year}-06-30", f"{year}-12-31", f"{year + 1}-01-20")[number % 3]
        yield figure.code, {**_when(figure, year), "by": "area", "known_at": known_at}


def _when(figure: Figure, year: int) -> Params:
    counted = FIGURES[figure.numerator] if figure.numerator else figure
    if counted.kind == "stock":
        return {"as_of": f"{year}-12-31"}
    return {"from": f"{year}-01-01", "to": f"{year}-12-31"}


def name_of(code: str, params: Mapping[str, str]) -> str:
    """A question as one line of text."""
    return " ".join((code, *(f"{name}={value}" for name, value in sorted(params.items()))))


def canonical(answers: Mapping[str, Mapping[str, object]]) -> bytes:
    """All answers as one JSON document that is equal byte for byte where the figures are."""
    kept = {
        question: {name: answer[name] for name in _KEPT if name in answer}
        for question, answer in answers.items()
    }
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=0, default=str).encode()


def differences(expected: bytes, actual: bytes, limit: int = 8) -> list[str]:
    """The first questions whose answers differ, for the message of a failed comparison."""
    one, other = json.loads(expected), json.loads(actual)
    found = [
        f"{question}: {one.get(question)} is now {other.get(question)}"
        for question in sorted({*one, *other})
        if one.get(question) != other.get(question)
    ]
    return [line[:600] for line in found[:limit]]
