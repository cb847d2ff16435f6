"""Which agencies are parties to which check, and which of them sees its counts exactly, as ``docs/checks.md`` has it."""

from collections.abc import Mapping

from reference import FIGURES
from tests.support.small_province import DAY

_BOTH = frozenset({"health", "police"})
_DETOX = frozenset({"health", "police", "labour"})
_POLICE, _HEALTH = frozenset({"police"}), frozenset({"health"})
_PENDING = {"registry": _POLICE, "determination": _HEALTH, "methadone": _HEALTH, "detox": _DETOX}
PARTIES: Mapping[str, frozenset[str]] = {
    "methadone.not_listed": _BOTH,
    "methadone.without_file": _BOTH,
    "registry.addict_in_community_untreated": _DETOX,
    "determination.not_addicted_without_decision": _BOTH,
    "registry.user_without_decision": _POLICE,
    "registry.addict_without_slip": _BOTH,
    "determination.addicted_not_listed": _BOTH,
    "determination.addicted_untreated": _DETOX,
    "methadone.two_sites": _HEALTH,
    "methadone.double_record": _HEALTH,
    "methadone.transfer_not_received": _HEALTH,
    "registry.in_centre_but_community": _DETOX,
    "registry.died_in_detox_still_listed": _DETOX,
    "registry.died_on_methadone_still_listed": _BOTH,
    "registry.double_record": _POLICE,
    **{f"{register}.pending_link": agencies for register, agencies in _PENDING.items()},
    "post_detox.not_in_register": _DETOX,
    "post_detox.not_in_treatment": _DETOX,
    "drug_cases.without_outcome": _POLICE,
    "treatment.unknown_facility": _DETOX,
    "detox.unknown_facility": _DETOX,
    "doses.unknown_facility": _HEALTH,
    "areas.not_classified": _POLICE,
    "units.no_register": _POLICE,
    "declared.contradiction": frozenset({"health", "police", "labour", "committee"}),
}


REGISTERS: Mapping[str, frozenset[str]] = {
    "methadone.not_listed": _HEALTH,
    "methadone.without_file": _HEALTH,
    "registry.addict_in_community_untreated": _POLICE,
    "determination.not_addicted_without_decision": _HEALTH,
    "registry.addict_without_slip": _POLICE,
    "determination.addicted_not_listed": _HEALTH,
    "determination.addicted_untreated": _HEALTH,
    "registry.in_centre_but_community": _POLICE,
    "registry.died_in_detox_still_listed": _POLICE,
    "registry.died_on_methadone_still_listed": _POLICE,
    "post_detox.not_in_register": frozenset({"labour"}),
    "post_detox.not_in_treatment": _POLICE,
    "treatment.unknown_facility": _HEALTH,
    "detox.unknown_facility": frozenset({"labour"}),
    "detox.pending_link": frozenset({"labour"}),
}
"""Of checks between agencies about persons: whose persons are found. That agency sees them exactly, the others as released."""


def exact_for(rule: str) -> frozenset[str]:
    """Return the agencies that see the counts of a check exactly."""
    return REGISTERS.get(rule, parties_of(rule))


def parties_of(rule: str) -> frozenset[str]:
    """The agencies that are parties to a check; to the balance of a figure its owner alone."""
    if rule in PARTIES:
        return PARTIES[rule]
    return frozenset({FIGURES[rule.partition(".")[2]].owner_on(DAY)})
