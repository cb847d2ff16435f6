"""Which single records a reader may know by their ids: those of the own agency; of others agency and form, of minors nothing.

Every answer of reporting that names records passes here (``docs/authority.md``, "Lists of records").
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import Request

from reference import age_bands, birthday
from services.chassis.http import count_listed, write_looks
from services.chassis.persistence import Statement
from services.chassis.platform import Platform
from services.chassis.security import READ, Allowed, Target, Units, agencies_keeping, may
from services.reporting.facts import Connection, fetch, units_register
from services.reporting.figures.readers import Reader

_OF_AGE = 18
_DECLARED, _TARGETS = "declared", "targets"
_BELOW_AGE: Mapping[str, int] = {
    band.band: band.below_age for band in age_bands() if band.below_age is not None
}
Shown = Literal["record", "agency", "nothing"]
"""What a reader may know of a record: itself; that an agency has one of this form; nothing (of a minor)."""


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record as the log has it last: its form, its unit, the agencies that it belongs to, and what the reader may know."""

    form: str
    unit: str
    agencies: frozenset[str]
    shown: Shown


@dataclass(slots=True)
class RecordSight:
    """What one reader may know of the records of one answer. ``listed`` are those that were shown, for the audit."""

    reader: Reader
    units: Units
    known: dict[str, KnownRecord] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    left_out: bool = False

    @classmethod
    async def of(cls, connection: Connection, reader: Reader) -> "RecordSight":
        """Return the sight of a reader on the state that the connection reads; no record is known to it yet."""
        return cls(reader, await units_register(connection))

    async def learn(self, connection: Connection, records: Iterable[UUID | str | None]) -> None:
        """Read of which form and unit these records are, and whether of a minor."""
        wanted = {str(record) for record in records if record is not None} - self.known.keys()
        if not wanted:
            return
        for record, form, unit, agency, ages in await fetch(connection, _records(wanted)):
            minor = any(is_minor(band, _day(until), self.reader.today) for band, until in ages)
            self.known[str(record)] = self._known(form, unit, agency, minor=minor)

    def _known(self, form: str, unit: str, agency: str | None, *, minor: bool) -> KnownRecord:
        reader, kept = self.reader, self.units.keeping(unit, self.reader.today)
        agencies = agencies_keeping(form, kept, reader.today)
        if form == _TARGETS:
            # An assigned number is about no person either, and known to all who are to reach it.
            return KnownRecord(form, unit, agencies, "record")
        if form == _DECLARED:
            # A declared number is about no person: whoever sees an agency's exact numbers sees what it declared.
            agencies = frozenset() if agency is None else frozenset({agency})
            return KnownRecord(form, unit, agencies, "record" if reader.sees_exact(agencies) else "agency")
        if minor:
            decision = may(reader.actor, READ, Target(form, kept, minor=True), reader.today)
            if not isinstance(decision, Allowed) or "identity" not in decision.sees(*reader.met):
                return KnownRecord(form, unit, agencies, "nothing")
        # A facility stands above nobody: what another one of its agency has handed in is not its own.
        own = reader.actor.unit.office or kept.code == reader.actor.unit.code
        return KnownRecord(form, unit, agencies, "record" if own and agencies & reader.agencies else "agency")

    def shown(self, record: UUID | str) -> Shown:
        """Return what the reader may know of a record; of one that the log does not have, that there is one."""
        known = self.known.get(str(record))
        return "agency" if known is None else known.shown

    def about(self, record: UUID | str) -> dict[str, str | None]:
        """Return what the reader may know of another agency's record: the agency and the form."""
        known = self.known.get(str(record))
        if known is None:
            return {"agency": None, "form": None}
        return {"agency": ";".join(sorted(known.agencies)) or None, "form": known.form}

    def told(self, document: Mapping[str, Any], name: str = "record") -> dict[str, Any] | None:
        """Return a record's document as the reader may know it; None where it must not be listed at all.

        ``name`` is the key of the record's id; where that is empty the document names no record and stays as it is.

        Example: another agency's ``{"record": "…", "unit": "F1"}`` becomes ``{"record": None, "unit": None, "agency":
        "health", "form": "methadone"}``.
        """
        record = document[name]
        if record is None:
            return dict(document)
        shown = self.shown(record)
        if shown == "record":
            self.listed.add(str(record))
            return dict(document)
        if shown == "nothing":
            self.left_out = True
            return None
        return dict.fromkeys(document) | self.about(record)

    def ids(self, records: Iterable[str]) -> list[str]:
        """Return of a list of bare ids those that the reader may know."""
        seen = {record: self.shown(record) for record in records}
        shown = [record for record, what in seen.items() if what == "record"]
        self.listed |= set(shown)
        self.left_out |= "nothing" in seen.values()
        return shown

    async def note(self, platform: Platform, request: Request, item: str) -> None:
        """Count the records that an answer lists, and write a look down for each other unit whose records they are.

        Raises:
            Problem: 403 where they are more than `at_once` allows within an hour and no second person has approved the list.
        """
        caller = self.reader.caller
        request.state.identities = len(self.listed)  # for the audit of reads
        if not self.listed:
            return
        looked: dict[str, Counter[str]] = defaultdict(Counter)
        for record in self.listed:
            known = self.known[record]
            # Ids of the own unit's records name nobody to it, whoever of it asks.
            if known.unit != caller.unit:
                looked[known.form][known.unit] += 1
        async with platform.uow() as session:
            await count_listed(request, session, caller, item, len(self.listed))
            for form, units in sorted(looked.items()):
                await write_looks(request, session, caller, form, units)


def is_minor(band: str | None, until: date | None, day: date) -> bool:
    """Return whether somebody of this age band, which holds until the day ``until``, is under 18 on a day.

    Example: ``is_minor("14-15", date(2023, 5, 2), date(2025, 5, 1))`` is True; from 2 May 2025 on it is False.
    """
    below = _BELOW_AGE.get(band or "")
    return (
        below is not None
        and below <= _OF_AGE
        and until is not None
        and day < birthday(until, _OF_AGE - below)
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _records(records: Iterable[str]) -> Statement:
    return Statement(
        "records",
        """
        SELECT DISTINCT ON (record_id)
            record_id, form, unit, data->>'agency',
            jsonb_agg(jsonb_build_array(data->'person'->>'age_band', data->'person'->>'age_band_until'))
                OVER (PARTITION BY record_id)
        FROM version
        WHERE record_id = ANY(%(records)s::uuid[])
        ORDER BY record_id, (data IS NULL), sequence DESC
        """,
        doc="Of which form and unit each record is, of a withdrawn one as it was last; and the age bands of its person by every"
        " version, since a correction must not open what is hidden of a minor.",
        parameters={"records": sorted(records)},
    )
