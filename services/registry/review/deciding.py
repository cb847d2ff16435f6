"""Deciding whether two records are one person or two, and undoing that: each in one transaction, by who saw what stands.

| pair | one | two | undo |
|---|---|---|---|
| open | one person: a link | two people | refused: nothing to undo |
| one | refused, or the same again | refused: undo first | open |
| two | refused: undo first | refused, or the same again | open |
| two, and what was known has changed | one person: a link | two people | open |
| joined by other links | refused | refused | refused: nothing to undo |

A link is never made against another decision, nor where both sides say what cannot be of one person (`contradictions`).
"""

from dataclasses import dataclass
from typing import Literal

from contracts.envelope import VIETNAM
from reference import unit_name
from services.chassis.persistence import AsyncSession
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.registers import Vault
from services.registry.index import end_decided, link_decided
from services.registry.review import repository
from services.registry.review.contradictions import Sides, against
from services.registry.review.joined import note_joined
from services.registry.review.notes import ReviewNotes
from services.registry.review.repository import KNOWN_CHANGED, Decision, Pair, Verdict

Outcome = Literal["decided", "undone", "unchanged"]
_DECIDED = {"one": "review_decided_one", "two": "review_decided_two"}


@dataclass(frozen=True, slots=True)
class Deciding:
    """What somebody decides about a pair, or undoes, and the version of the pair that they saw."""

    reason: str
    note: str
    version: int
    by: str
    unit: str


async def decide(
    session: AsyncSession,
    platform: Platform,
    vault: Vault,
    notes: ReviewNotes,
    pair: Pair,
    sides: Sides,
    shown: int,
    verdict: Verdict,
    given: Deciding,
) -> Outcome:
    """Store the decision about a pair that is locked; "one" makes the link and publishes it.

    Raises:
        Problem: 409 where something else stands than the person saw; 422 where something speaks against one person.
    """
    standing = pair.decision
    # The answer to the first request may have been lost. Where the records say something else by now, it is a new
    # decision.
    if standing is not None and _is_same(standing, verdict, given) and standing.known == pair.known:
        return "unchanged"
    # Values, links and decisions each give the pair a new version, so nobody decides about what they have not seen.
    if pair.version != given.version or not pair.is_open(shown):
        raise changed(pair)
    if verdict == "one" and (faults := await against(session, pair, sides)):
        raise Problem(422, "review_contradicted", faults=faults)
    now = platform.clock()
    # The earlier "two" answered what the records said then. It ends here: one decision of a pair stands at most.
    if standing is not None:
        await repository.end_decision(
            session, pair.id, standing.id, at=now, by=given.by, unit=given.unit, reason=KNOWN_CHANGED
        )
    made = Decision(platform.new_id(), verdict, given.reason, pair.known, now, given.by, given.unit)
    await repository.add_decision(session, pair.id, made)
    await notes.add(session, made.id, given.note, ending=False)
    if verdict == "one":
        await link_decided(session, made.id, pair.refs, now, platform.new_id)
        await note_joined(session, vault, pair.refs, now.astimezone(VIETNAM).date(), now)
    return "decided"


async def undo(
    session: AsyncSession, platform: Platform, vault: Vault, notes: ReviewNotes, pair: Pair, given: Deciding
) -> Outcome:
    """End the decision about a pair that is locked; a link that it made joins nobody from now on.

    Raises:
        Problem: 409 where no decision stands, or another one than the person saw.
    """
    standing = pair.decision
    # The same request again, after its answer was lost.
    if standing is None and await repository.last_ended(session, pair.id) == (given.by, given.reason):
        return "unchanged"
    if standing is None or pair.version != given.version:
        raise changed(pair)
    now = platform.clock()
    await repository.end_decision(
        session, pair.id, standing.id, at=now, by=given.by, unit=given.unit, reason=given.reason
    )
    await notes.add(session, standing.id, given.note, ending=True)
    if standing.verdict == "one":
        await end_decided(session, standing.id, pair.refs, standing.at, now, platform.new_id)
        await note_joined(session, vault, pair.refs, now.astimezone(VIETNAM).date(), now)
    return "undone"


def changed(pair: Pair) -> Problem:
    """Return the 409 that tells what stands of the pair: somebody else was first, or links have joined or parted it."""
    made = pair.decision
    if made is not None:
        rule = _DECIDED[made.verdict]
        day = f"{made.at.astimezone(VIETNAM):%d/%m/%Y}"
        fault = Fault.of("version", str(pair.version), rule, unit=unit_name(made.unit), day=day)
    else:
        fault = Fault.of(
            "version", str(pair.version), "review_joined" if pair.joined else "review_other_version"
        )
    return Problem(409, "review_changed", faults=[fault])


def _is_same(standing: Decision, verdict: Verdict, given: Deciding) -> bool:
    """Return whether it is the decision that stands, sent again by whoever made it."""
    return (standing.verdict, standing.reason, standing.by) == (verdict, given.reason, given.by)
