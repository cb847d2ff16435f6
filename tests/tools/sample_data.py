"""Sample data of every event model: obviously invented, hashes for keys, no personal data."""

from datetime import date
from typing import Any

Data = dict[str, Any]

COMMUNE = "10513@2008"
DISTRICT = "288@2008"
_HASHES = {
    "nid12": "c2FtcGxlLWhhc2gtb2YtYS0xMi1kaWdpdC1udW1iZXI",
    "name_birth_sex": "c2FtcGxlLWhhc2gtb2YtYS1uYW1lLWFuZC1hLWJpcnRo",
    "name_year_commune": "c2FtcGxlLWhhc2gtb2YtYS1uYW1lLWFuZC1hLXllYXI",
}
REF = "0189d3a0-0000-7000-8000-00000000beef"
TOKEN = "5a3b1e9c-0000-5000-8000-00000000cafe"
PERSON: Data = {
    "ref": REF,
    "sex": "male",
    "age_band": "18-29",
    "age_band_until": "2031-05-20",
    "keys": _HASHES,
}

REGISTER: Data = {
    "person": PERSON,
    "commune": COMMUNE,
    "status": "addict",
    "status_from": "2023-03-01",
    "has_decision": True,
    "decision_date": "2023-02-27",
    "presence": "community",
    "presence_from": "2023-03-01",
    "psychosis": False,
}
LINK: Data = {
    "ref": REF,
    "person": TOKEN,
    "basis": "national_id",
    "known_from": "2023-03-02T01:30:00Z",
}
PENDING_LINK: Data = {
    "ref": REF,
    "person": TOKEN,
    "reason": "contradiction",
    "known_from": "2023-03-02T01:30:00Z",
}
SLIP: Data = {
    "person": PERSON,
    "commune": COMMUNE,
    "facility": "SAMPLE-TTYT-01",
    "clinician": "SAMPLE-CCHN-7",
    "requested_on": "2023-02-20",
    "observation_from": "2023-02-21",
    "observation_to": "2023-02-23",
    "concluded_on": "2023-02-24",
    "conclusion": "addicted",
    "criteria_met": 4,
    "substances": ["heroin", "methamphetamine"],
}
METHADONE: Data = {
    "person": PERSON,
    "commune": COMMUNE,
    "facility": "SAMPLE-MMT-01",
    "enrolled_on": "2023-03-06",
}
DOSE: Data = {"facility": "SAMPLE-MMT-01", "dosed_on": "2023-03-07", "kind": "observed"}
DETOX: Data = {
    "person": PERSON,
    "commune": COMMUNE,
    "kind": "compulsory",
    "facility": "SAMPLE-CAI-01",
    "has_decision": True,
    "decided_on": "2023-04-03",
    "admitted_on": "2023-04-10",
}
POST_DETOX: Data = {
    "person": PERSON,
    "commune": COMMUNE,
    "from_on": "2023-05-02",
    "until_on": "2025-05-02",
}
FACILITY: Data = {
    "facility": "SAMPLE-TTYT-01",
    "name": "Trung tâm Y tế Thí Dụ",
    "level": "district",
    "commune": COMMUNE,
    "does": ["determination", "methadone"],
    "valid_from": "2020-01-01",
}
CLINICIAN: Data = {
    "clinician": "SAMPLE-CCHN-7",
    "facility": "SAMPLE-TTYT-01",
    "basis": "certificate",
    "valid_from": "2021-06-01",
}
TARGET: Data = {
    "figure": "detox.compulsory_admitted",
    "area": "30@2008",
    "period_from": "2023-01-01",
    "period_to": "2023-12-31",
    "value": "120",
}
FIRE: Data = {
    "commune": COMMUNE,
    "alarm_at": "2023-06-18T14:05:00+07:00",
    "arrived_at": "2023-06-18T14:17:00+07:00",
    "place": "dwelling_with_business",
    "cause": "electrical",
    "deaths": 0,
    "injured": 1,
    "rescued": 3,
    "responders": ["fire_police", "civil_defence"],
    "counts_as_case": True,
}
DRUG_CASE: Data = {
    "commune": COMMUNE,
    "detected_on": "2023-07-11",
    "offence": "possession",
    "channel": "none",
    "disguised_drug": False,
    "venue": "lodging",
    "subjects": 2,
    "substance": "methamphetamine",
    "seized_grams": "12.375",
}
ARREST: Data = {
    "person": PERSON,
    "commune": COMMUNE,
    "case": "0189d3a0-0000-7000-8000-00000000ca5e",
    "arrested_on": "2023-07-11",
    "outcome": "pending",
}
CONFLICT: Data = {
    "commune": COMMUNE,
    "detected_on": "2023-08-03",
    "level": 2,
    "cause": "land",
    "parties": 5,
    "status": "in_progress",
    "prolonged": False,
}
PLACE: Data = {
    "place": "SAMPLE-PLACE-9",
    "commune": COMMUNE,
    "kind": "conditional_business",
    "at_risk": True,
    "valid_from": "2023-01-15",
}
AREA_CLASS: Data = {
    "commune": COMMUNE,
    "scheme": "public_order_risk",
    "area_class": "at_risk",
    "valid_from": "2023-01-01",
}
DECLARATION: Data = {
    "agency": "police",
    "figure": "registry.addicts_with_file",
    "area": "30@2008",
    "as_of": "2023-12-14",
    "value": "1120",
    "declared_on": "2023-12-20",
    "source": "Báo cáo thí dụ",
}
OUTCOME: Data = {
    "submission": "sample-hand-in-2023-03-08-1",
    "service": "treatment",
    "form": "methadone",
    "accepted": 2,
    "unchanged": 1,
    "corrected": 0,
    "withdrawn": 1,
    "restored": 0,
    "refused_rows": 1,
    "refused": [{"row": 5, "field": "ended_on", "rule": "order"}],
    "notes": [{"row": 3, "field": "commune_code", "rule": "commune_kept"}],
    "batch": "0189d3a0-0000-7000-8000-0000000ba7c4",
}

# What a type's own milestone adds to its aggregate's data: type → (day it happened, changed fields).
MILESTONES: dict[str, tuple[date, Data]] = {
    "registry.record.registered.v1": (date(2023, 3, 1), {}),
    "registry.record.status_changed.v1": (
        date(2023, 9, 1),
        {"status": "post_detox", "status_from": "2023-09-01", "status_to": "2025-09-01"},
    ),
    "registry.record.presence_changed.v1": (
        date(2023, 10, 2),
        {"presence": "absent", "presence_from": "2023-10-02"},
    ),
    "registry.record.removed.v1": (
        date(2023, 11, 5),
        {"removed_on": "2023-11-05", "removal_reason": "moved_away"},
    ),
    "registry.person.linked.v1": (date(2023, 3, 2), {}),
    "registry.person.unlinked.v1": (date(2023, 3, 2), {"known_until": "2023-05-09T09:00:00Z"}),
    "registry.person.pending.v1": (date(2023, 3, 2), {}),
    "registry.person.settled.v1": (date(2023, 3, 2), {"known_until": "2023-05-09T09:00:00Z"}),
    "treatment.determination.concluded.v1": (date(2023, 2, 24), {}),
    "treatment.methadone.enrolled.v1": (date(2023, 3, 6), {}),
    "treatment.methadone.left.v1": (
        date(2023, 8, 31),
        {"ended_on": "2023-08-31", "end_reason": "dropped_out"},
    ),
    "treatment.methadone.transferred.v1": (
        date(2023, 8, 31),
        {"ended_on": "2023-08-31", "end_reason": "transferred", "transferred_to": "SAMPLE-MMT-02"},
    ),
    "treatment.dose.dosed.v1": (date(2023, 3, 7), {}),
    "treatment.detox.admitted.v1": (date(2023, 4, 10), {}),
    "treatment.detox.stage_completed.v1": (date(2023, 4, 20), {"stages": {"a": "2023-04-20"}}),
    "treatment.detox.ended.v1": (
        date(2024, 4, 9),
        {
            "stages": {
                "a": "2023-04-20",
                "b": "2023-05-20",
                "c": "2023-08-20",
                "d": "2024-02-20",
                "e": "2024-04-01",
            },
            "ended_on": "2024-04-09",
            "end_reason": "completed",
        },
    ),
    "treatment.post_detox.started.v1": (date(2023, 5, 2), {}),
    "treatment.post_detox.ended.v1": (
        date(2024, 1, 8),
        {"ended_on": "2024-01-08", "end_reason": "relapsed"},
    ),
    "treatment.facility.listed.v1": (date(2020, 1, 1), {}),
    "treatment.facility.closed.v1": (date(2024, 7, 1), {"valid_to": "2024-07-01"}),
    "treatment.clinician.certified.v1": (date(2021, 6, 1), {}),
    "treatment.clinician.ended.v1": (date(2024, 6, 1), {"valid_to": "2024-06-01"}),
    "treatment.target.assigned.v1": (date(2023, 1, 1), {}),
    "incidents.fire.reported.v1": (date(2023, 6, 18), {}),
    "incidents.fire.controlled.v1": (
        date(2023, 6, 18),
        {"controlled_at": "2023-06-18T14:50:00+07:00"},
    ),
    "incidents.fire.extinguished.v1": (
        date(2023, 6, 18),
        {
            "controlled_at": "2023-06-18T14:50:00+07:00",
            "out_at": "2023-06-18T15:40:00+07:00",
            "damage_vnd": 180000000,
        },
    ),
    "incidents.drug_case.detected.v1": (date(2023, 7, 11), {}),
    "incidents.drug_case.prosecuted.v1": (
        date(2023, 7, 19),
        {"prosecuted_on": "2023-07-19", "accused": 2},
    ),
    "incidents.drug_case.fined.v1": (date(2023, 7, 25), {"administrative_on": "2023-07-25"}),
    "incidents.arrest.made.v1": (date(2023, 7, 11), {}),
    "incidents.arrest.outcome_decided.v1": (date(2023, 7, 19), {"outcome": "prosecuted"}),
    "incidents.conflict.detected.v1": (date(2023, 8, 3), {}),
    "incidents.conflict.status_changed.v1": (
        date(2023, 9, 14),
        {"status": "resolved_stable", "status_on": "2023-09-14", "outcome": "mediated"},
    ),
    "incidents.place.watched.v1": (date(2023, 1, 15), {}),
    "incidents.place.ended.v1": (
        date(2023, 12, 1),
        {"valid_to": "2023-12-01", "end_reason": "closed"},
    ),
    "incidents.area_class.assigned.v1": (date(2023, 1, 1), {}),
    "incidents.area_class.ended.v1": (date(2024, 1, 1), {"valid_to": "2024-01-01"}),
    "reporting.figure.declared.v1": (date(2023, 12, 14), {}),
    "reporting.figure.changed.v1": (date(2023, 12, 14), {}),
    "reporting.period.closed.v1": (date(2023, 12, 20), {}),
    "reporting.period.reissued.v1": (
        date(2024, 3, 5),
        {
            "closing": "0189d3a0-0000-7000-8000-00000000c105",
            "number": 2,
            "edition": 2,
            "supersedes": "0189d3a0-0000-7000-8000-00000000c104",
            "known_at": "2024-03-05T01:30:00Z",
            "closed_at": "2024-03-05T01:30:00Z",
            "content_hash": "5" * 64,
            "previous_hash": "4" * 64,
            "entry_hash": "6" * 64,
        },
    ),
    "reporting.period.revised.v1": (date(2024, 3, 4), {}),
    "khopso.submission.outcome.v1": (date(2023, 3, 8), {}),
}

# What a correction changes, by the data's model.
CORRECTIONS: dict[str, Data] = {
    "RegisterRow": {"psychosis": True, "psychosis_from": "2023-03-01"},
    "Slip": {"criteria_met": 5},
    "MethadoneEpisode": {"enrolled_on": "2023-03-07"},
    "Dose": {"kind": "take_home"},
    "DetoxEpisode": {"kind": "voluntary_facility", "has_decision": False, "decided_on": None},
    "PostDetoxSupport": {"until_on": "2024-05-02"},
    "Facility": {"does": ["determination", "methadone", "dispensing"]},
    "Clinician": {"basis": "psychiatrist"},
    "Target": {"value": "125"},
    "Fire": {"injured": 2},
    "DrugCase": {"subjects": 3},
    "Arrest": {"outcome": "administrative"},
    "Conflict": {"level": 3},
    "Place": {"at_risk": False},
    "AreaClass": {"area_class": "high"},
    "Declaration": {"value": "1121"},
}

FIGURE_CHANGE: Data = {
    "figure": "registry.addicts_with_file",
    "area": "30@2008",
    "as_of": "2023-12-14",
    "by": "area",
    "row": "288",
    "place": "288@2008",
    "old": "131",
    "new": "132",
    "known_at": "2023-12-15T01:30:00Z",
    "watermark": "1.381@2023-12-15T01:30:00+00:00",
}

PERIOD_CLOSING: Data = {
    "closing": "0189d3a0-0000-7000-8000-00000000c104",
    "number": 1,
    "edition": 1,
    "calendar": "committee",
    "period": "2023",
    "first": "2023-01-01",
    "last": "2023-12-14",
    "area": "30@2008",
    "figures": "annual",
    "known_at": "2023-12-20T01:30:00Z",
    "closed_at": "2023-12-20T01:30:00Z",
    "cells": 17112,
    "content_hash": "1" * 64,
    "previous_hash": "0" * 64,
    "entry_hash": "4" * 64,
    "signature": f"{'A' * 86}==",
    "key_id": "office-1",
}
PERIOD_REVISION: Data = {
    "closing": "0189d3a0-0000-7000-8000-00000000c104",
    "edition": 1,
    "revision": 1,
    "known_at": "2024-03-04T01:30:00Z",
    "cells": 3,
    "list_hash": "7" * 64,
}

BASES: dict[str, Data] = {
    "PeriodClosing": PERIOD_CLOSING,
    "PeriodRevision": PERIOD_REVISION,
    "FigureChange": FIGURE_CHANGE,
    "RegisterRow": REGISTER,
    "PersonLink": LINK,
    "PendingLink": PENDING_LINK,
    "Slip": SLIP,
    "MethadoneEpisode": METHADONE,
    "Dose": DOSE,
    "DetoxEpisode": DETOX,
    "PostDetoxSupport": POST_DETOX,
    "Facility": FACILITY,
    "Clinician": CLINICIAN,
    "Target": TARGET,
    "Fire": FIRE,
    "DrugCase": DRUG_CASE,
    "Arrest": ARREST,
    "Conflict": CONFLICT,
    "Place": PLACE,
    "AreaClass": AREA_CLASS,
    "Declaration": DECLARATION,
    "Outcome": OUTCOME,
}
