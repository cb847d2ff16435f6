"""The cross-register checks as data: the name of each, and on a day its owner, its severity and its limits.

What a rule finds is in ``statements``; owners, severities, limits and lists are ``reference/data/check-rules.csv``, effective-dated.
Names and what to do are in ``texts.checking`` under ``check.<rule>`` and ``check.<rule>.todo``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from pydantic import TypeAdapter

from reference import national_table

Subject = Literal["person", "record", "commune", "declaration"]
TimeKind = Literal["day", "period"]
Severity = Literal["high", "medium", "low"]
"""How much a finding matters: a figure that is printed may be wrong; a person or case lacks what the law asks; something waits."""
_SEVERITY: TypeAdapter[Severity] = TypeAdapter(Severity)


@dataclass(frozen=True, slots=True)
class Rule:
    """A check. ``subject`` is what is counted; ``parties`` are the agencies whose registers it compares.

    ``asked``: whether it looks at the end of a day or at a period.
    """

    code: str
    subject: Subject
    parties: tuple[str, ...]
    asked: TimeKind = "day"

    def owner_on(self, day: date) -> str:
        """Return the agency that has to put it right, on the day."""
        return settings(self.code, day)["owner"]

    def severity_on(self, day: date) -> Severity:
        """Return how much its findings matter, on the day."""
        return _SEVERITY.validate_python(settings(self.code, day)["severity"])

    def registers_on(self, day: date) -> tuple[str, ...]:
        """Return the agencies whose registers the rows are of that it finds, on the day; of a check of one register its party."""
        given = settings(self.code, day).get("register")
        return self.parties if given is None else tuple(given.split(";"))


_BOTH = ("health", "police")
_DETOX = ("health", "police", "labour")
_ALL = (
    Rule("methadone.not_listed", "person", _BOTH),
    Rule("methadone.without_file", "person", _BOTH),
    Rule("registry.addict_in_community_untreated", "person", _DETOX),
    Rule("determination.not_addicted_without_decision", "person", _BOTH, "period"),
    Rule("registry.user_without_decision", "person", ("police",)),
    Rule("registry.addict_without_slip", "person", _BOTH),
    Rule("determination.addicted_not_listed", "person", _BOTH),
    Rule("determination.addicted_untreated", "person", _DETOX),
    Rule("methadone.two_sites", "person", ("health",)),
    Rule("methadone.double_record", "person", ("health",)),
    Rule("methadone.transfer_not_received", "record", ("health",)),
    Rule("registry.in_centre_but_community", "person", _DETOX),
    Rule("registry.died_in_detox_still_listed", "person", _DETOX),
    Rule("registry.died_on_methadone_still_listed", "person", _BOTH),
    Rule("registry.double_record", "person", ("police",)),
    Rule("registry.pending_link", "person", ("police",)),
    Rule("determination.pending_link", "person", ("health",)),
    Rule("methadone.pending_link", "person", ("health",)),
    Rule("detox.pending_link", "person", _DETOX),
    Rule("post_detox.not_in_register", "person", _DETOX),
    Rule("post_detox.not_in_treatment", "person", _DETOX),
    Rule("drug_cases.without_outcome", "record", ("police",)),
    Rule("treatment.unknown_facility", "record", _DETOX),
    Rule("detox.unknown_facility", "record", _DETOX),
    Rule("doses.unknown_facility", "record", ("health",)),
    Rule("areas.not_classified", "commune", ("police",)),
    Rule("units.no_register", "commune", ("police",), "period"),
    Rule("declared.contradiction", "declaration", ("health", "police", "labour", "committee"), "period"),
)
RULES: Mapping[str, Rule] = {rule.code: rule for rule in _ALL}


@lru_cache(maxsize=1024)
def settings(code: str, day: date) -> Mapping[str, str]:
    """Return a rule's owner, limits and lists as they are in force on the day."""
    found: dict[str, tuple[date, str]] = {}
    for rule, name, value, since in _table():
        # The latest row of each setting counts: a new limit does not replace the owner or the lists of the same rule.
        if rule == code and since <= day and (name not in found or found[name][0] <= since):
            found[name] = (since, value)
    return {name: value for name, (_, value) in found.items()}


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, str, str, date], ...]:
    return tuple(
        (
            row["rule"],
            row["name"],
            row["value"],
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min,
        )
        for row in national_table("check-rules.csv")
    )
