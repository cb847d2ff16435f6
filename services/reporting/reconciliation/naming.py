"""A reconciliation as its reader may know the records behind it: ids of the own agency's alone, of minors none."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.forms import FORMS
from reference import area_book
from services.chassis.problems import texts
from services.reporting.figures import Reader, RecordSight, reaches
from texts import Message, message

Json = dict[str, Any]
_STAYS = ("counted_in", "person")
"""What the numbers of the step say anyway: on which side a record counts, and which records are one human being."""


def reached(reader: Reader, uid: str) -> bool:
    """Return whether the reader may see an area, in the hierarchy of the day on which the area began."""
    book = area_book()
    return reaches(reader, uid, book.by_uid[uid].valid_from or book.first_day)


def records_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the ids of all records that a reconciliation names: listed, causes of what is listed, declarations."""
    for side in sides(document):
        for declared in (side["declaration"], *side["other_declarations"]):
            yield from filter(None, [declared["record"]])
        for record in _listed(side):
            yield from filter(None, [record["record"], record["because_of"]])


def as_known(document: Mapping[str, Any], sight: RecordSight) -> Json:
    """Return the reconciliation with ids of those records alone that the reader may know."""
    known = _side(document, sight)
    if "against" in document:
        known["against"] = _side(document["against"], sight)
    if sight.left_out:
        known["minors_left_out"] = texts(message("records_of_minors"))
    return known


def sides(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the waterfall, and beside it that of the second agency where one was asked for."""
    return [document, *([document["against"]] if "against" in document else [])]


def _listed(side: Mapping[str, Any]) -> Iterator[Json]:
    for step in side["steps"]:
        yield from step["records"] or ()


def _side(side: Mapping[str, Any], sight: RecordSight) -> Json:
    steps = []
    for step in side["steps"]:
        listed = step["records"]
        if listed is not None:
            told = [_record(record, sight) for record in listed]
            listed = [record for record in told if record is not None]
        steps.append(step | {"records": listed})
    return dict(side) | {
        "steps": steps,
        "declaration": _declaration(side["declaration"], sight),
        "other_declarations": [_declaration(other, sight) for other in side["other_declarations"]],
    }


def _declaration(declared: Json, sight: RecordSight) -> Json:
    """Return a declaration: what an agency declared is known to whoever may ask, its record in the register is not."""
    record = declared["record"]
    hidden = record is not None and sight.shown(record) != "record"
    return declared | ({"record": None} if hidden else {})


def _record(record: Json, sight: RecordSight) -> Json | None:
    told = sight.told(record)
    if told is None:
        return None
    if told["record"] is None and record["record"] is not None:
        stays = {name: record[name] for name in _STAYS}
        return told | stays | {"reason": _of_another(told)}
    cause = record["because_of"]
    if cause is not None and sight.shown(cause) != "record":
        return told | {"because_of": None, "reason": _of_another(sight.about(cause))}
    return told


def _of_another(about: Mapping[str, Any]) -> dict[str, str]:
    """Return in words that another agency's record of a form is behind it, and nothing of what that record says."""
    form = FORMS.get(about["form"] or "")
    named = Message("…", "…") if form is None else Message(form.vi, form.en)
    return texts(message("record_of_other_agency", form=named))
