"""Writes the golden examples that are still missing: ``python -m tests.tools.example_builder``.

Examples are golden: what exists is never overwritten, since old examples prove that old messages stay readable.
A new event type needs its sample in ``sample_data`` and one run of this; then read what it wrote.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from contracts.catalogue import EVENT_TYPES, EventType
from contracts.envelope import schema_uri, start_of_day
from tests.tools.sample_data import BASES, COMMUNE, CORRECTIONS, MILESTONES, REF, Data

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
SUBMISSION = "khopso.submission.v1"
OURS = "contracts"
SCHEMA = "json-schema"
SDKS = ["cloudevents-python", "cloudevents-js"]

Fault = tuple[str, list[str], Callable[[Data], None]]


def good_event(event_type: EventType) -> Data:
    """A valid event of the type, telling a plausible story about nobody."""
    model = event_type.model.model_fields["data"].annotation
    assert model is not None
    base_type = _first_type_of(event_type)
    name = event_type.name
    day, changes = MILESTONES.get(name) or MILESTONES[base_type]
    sequence = 1 if name == base_type else 2
    record = _uuid7(base_type)
    keyed_by_person = name.startswith(("registry.", "treatment.methadone."))
    recorded = datetime.combine(day, time(1, 30), UTC) + timedelta(days=1 if sequence == 1 else 3)
    event: Data = {
        "specversion": "1.0",
        "id": _uuid7(f"event {name}"),
        "source": f"/khopso/{event_type.owner}",
        "type": name,
        "subject": record,
        "time": start_of_day(day).isoformat(),
        "datacontenttype": "application/json",
        "dataschema": schema_uri(name),
        "recordedtime": recorded.isoformat().replace("+00:00", "Z"),
        "occurredon": day.isoformat(),
        "sequence": str(sequence),
        "partitionkey": REF if keyed_by_person else record,
        "correlationid": "sample-import-1",
        "dataclassification": event_type.classification,
        "unit": "police:288",
        "area": COMMUNE,
        "data": _data(name, model.__name__, changes),
    }
    return event


def bad_events(event_type: EventType, good: Data) -> list[Data]:
    """Broken copies of a good event, each with its reason and with who must refuse it."""
    model = event_type.model.model_fields["data"].annotation
    assert model is not None
    broken = []
    for why, judges, damage in (*_envelope_faults(event_type), *_data_faults(model, good["data"])):
        event = copy.deepcopy(good)
        damage(event)
        broken.append({"why": why, "refused_by": judges, "event": event})
    return broken


def submission_example() -> tuple[Data, list[Data]]:
    """A unit's own submission, and broken ones."""
    good = {
        "specversion": "1.0",
        "id": "sample-hand-in-2023-03-08-1",
        "source": "/sample/clinic-software",
        "type": SUBMISSION,
        "time": "2023-03-08T08:15:00+07:00",
        "datacontenttype": "application/json",
        "data": {"jwe": "c2FtcGxl.aGVhZGVy.bm90LWE.cmVhbA.and0"},
    }
    faults: list[Fault] = [
        ("no source", [OURS, SCHEMA, *SDKS], lambda e: e.pop("source")),
        ("no id", [OURS, SCHEMA, *SDKS], lambda e: e.pop("id")),
        ("no specversion", [OURS, SCHEMA, *SDKS], lambda e: e.pop("specversion")),
        ("empty source", [OURS, SCHEMA, *SDKS], lambda e: e.update(source="")),
        ("unknown version", [OURS, SCHEMA], lambda e: e.update(type="khopso.submission.v99")),
        ("naive time", [OURS, "cloudevents-python"], lambda e: e.update(time="2023-03-08T08:15:00")),
        ("no data", [OURS, SCHEMA], lambda e: e.pop("data")),
        ("rows in the open", [OURS, SCHEMA], lambda e: e.update(data={"rows": []})),
        ("empty jwe", [OURS, SCHEMA], lambda e: e.update(data={"jwe": ""})),
    ]
    broken = []
    for why, judges, damage in faults:
        event = copy.deepcopy(good)
        damage(event)
        broken.append({"why": why, "refused_by": judges, "event": event})
    return good, broken


def _uuid7(what: str) -> str:
    """The same UUIDv7 for the same words, always of one instant of 2023."""
    digits = hashlib.sha256(what.encode()).hexdigest()
    return f"0189d3a0-0000-7{digits[:3]}-8{digits[3:6]}-{digits[6:18]}"


def _first_type_of(event_type: EventType) -> str:
    aggregate = event_type.name.rsplit(".", 2)[0]
    return next(name for name in EVENT_TYPES if name.startswith(f"{aggregate}."))


def _data(name: str, model: str, changes: Data) -> Data:
    if model == "Voided":
        aggregate = name.rsplit(".", 2)[0]
        first = EVENT_TYPES[next(other for other in EVENT_TYPES if other.startswith(f"{aggregate}."))]
        told = first.model.model_fields["data"].annotation
        assert told is not None
        voided: Data = {"form": told.model_fields["form"].default, "reason": "withdrawn_by_unit"}
        return voided | ({"person_ref": REF} if "person" in told.model_fields else {})
    if model == "WithdrawnDose":
        return {"form": "doses", "reason": "withdrawn_by_unit"}
    fields = BASES[model] | changes | (CORRECTIONS[model] if name.endswith("corrected.v1") else {})
    fields_of = getattr(EVENT_TYPES[name].model.model_fields["data"].annotation, "model_fields", {})
    form: Data = {"form": fields_of["form"].default} if "form" in fields_of and model != "Outcome" else {}
    return form | {key: value for key, value in copy.deepcopy(fields).items() if value is not None}


def _envelope_faults(event_type: EventType) -> Iterator[Fault]:
    everyone = [OURS, SCHEMA, *SDKS]
    other = next(t.name for t in EVENT_TYPES.values() if t.topic != event_type.topic)
    unversioned = event_type.name.rsplit(".", 1)[0]
    yield "no source", everyone, lambda e: e.pop("source")
    yield "no id", everyone, lambda e: e.pop("id")
    yield "no specversion", everyone, lambda e: e.pop("specversion")
    yield "empty subject", everyone, lambda e: e.update(subject="")
    yield "type is a number", everyone, lambda e: e.update(type=7)
    yield (
        "attribute name with an underscore",
        everyone,
        lambda e: e.update(recorded_time=e.pop("recordedtime")),
    )
    yield (
        "attribute name with capitals",
        everyone,
        lambda e: e.update(correlationId=e.pop("correlationid")),
    )
    yield (
        "time without offset",
        [OURS, "cloudevents-python"],
        lambda e: e.update(time=e["time"].removesuffix("+07:00")),
    )
    yield "specversion of the future", everyone[:2] + everyone[2:3], lambda e: e.update(specversion="2.0")
    yield "unknown version", [OURS, SCHEMA], lambda e: e.update(type=f"{unversioned}.v99")
    yield "a type of another topic", [OURS, SCHEMA], lambda e: e.update(type=other)
    yield "no data", [OURS, SCHEMA], lambda e: e.pop("data")
    yield "data is null", [OURS, SCHEMA], lambda e: e.update(data=None)
    yield "no recordedtime", [OURS, SCHEMA], lambda e: e.pop("recordedtime")
    yield "recordedtime without offset", [OURS], lambda e: e.update(recordedtime=e["recordedtime"][:-1])
    yield "occurredon is not a day", [OURS, SCHEMA], lambda e: e.update(occurredon="2023-02-30")
    yield "sequence starts at one", [OURS, SCHEMA], lambda e: e.update(sequence="0")
    yield "unknown classification", [OURS, SCHEMA], lambda e: e.update(dataclassification="secret")
    yield "no partition key", [OURS, SCHEMA], lambda e: e.pop("partitionkey")


def _data_faults(model: Any, data: Data) -> Iterator[Fault]:
    both = [OURS, SCHEMA]
    schema = model.model_json_schema(mode="serialization")
    for field in schema.get("required", []):
        yield f"data without {field}", both, _without(field)
    for field, declared in schema["properties"].items():
        if field not in data:
            continue
        for kind in (declared, *declared.get("anyOf", [])):
            yield from _value_faults(field, kind, both)
    if isinstance(data.get("person"), dict):
        yield "age band unknown", both, lambda e: e["data"]["person"].update(age_band="18-99")
        yield (
            "hash too short to be one",
            both,
            lambda e: e["data"]["person"]["keys"].update(nid12="012345678901"),
        )
        yield "reference is not opaque", both, lambda e: e["data"]["person"].update(ref="HS-0017")


def _without(field: str) -> Callable[[Data], None]:
    return lambda event: event["data"].pop(field)


def _value_faults(field: str, kind: Data, both: list[str]) -> Iterator[Fault]:
    def becomes(value: object) -> Callable[[Data], None]:
        return lambda e: e["data"].update({field: value})

    if kind.get("format") == "date":
        yield f"{field} in the form of a register, not ISO", both, becomes("31/12/2023")
    elif kind.get("format") == "date-time":
        yield f"{field} without offset", [OURS], becomes("2023-06-18T14:05:00")
    elif "enum" in kind or "const" in kind:
        yield f"{field} not in its list", both, becomes("no_such_code")
    elif kind.get("type") == "integer":
        yield f"{field} negative", both, becomes(-1)
        yield f"{field} is a word", both, becomes("two")
    elif kind.get("type") == "boolean":
        yield f"{field} is a word", both, becomes("perhaps")
    elif kind.get("pattern", "").endswith("@[0-9]{4}$"):
        yield f"{field} is a code without its year", both, becomes("10513")
    elif kind.get("type") == "array":
        yield f"{field} is not a list", both, becomes("heroin; methamphetamine")
    elif kind.get("type") == "string":
        yield f"{field} is a list", both, becomes(["x"])


def _write(folder: str, name: str, good: Data, bad: list[Data]) -> Iterator[Path]:
    target = EXAMPLES / folder
    target.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in bad)
    for path, text in (
        (target / f"{name}.json", json.dumps(good, ensure_ascii=False, indent=2) + "\n"),
        (target / f"{name}.bad.json", f"[\n{lines}\n]\n"),
    ):
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            yield path


def main() -> list[Path]:
    """Write what is missing; the files written."""
    written: list[Path] = []
    for event_type in EVENT_TYPES.values():
        good = good_event(event_type)
        written += _write(event_type.topic, event_type.name, good, bad_events(event_type, good))
    written += _write("submissions", SUBMISSION, *submission_example())
    return written


if __name__ == "__main__":
    import sys

    sys.stdout.writelines(f"{path}\n" for path in main())
