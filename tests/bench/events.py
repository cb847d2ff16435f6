"""Events as the services would publish them, made in bulk: registers with spells and timelines, cases, doses."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import Snapshot, schema_uri, start_of_day, wire
from contracts.events.common import LinkageKeys, PersonKeys
from contracts.events.incidents import Fire
from contracts.events.registry import RegisterRow
from contracts.events.treatment import DetoxEpisode, Dose, MethadoneEpisode
from reference import area_book, province
from services.chassis.runtime.ids import uuid7
from tests.support.stack.log import Record

_FIRST = date(2023, 1, 1)
_HEADERS = (("content-type", b"application/cloudevents+json; charset=utf-8"),)


class Maker:
    """Endless events of five registers; three of them make spells, two of them timelines."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        book = area_book()
        top = book.resolve(province().code, _FIRST)
        assert top is not None
        self._communes = [area.uid for area in book.communes(top.uid, _FIRST)]

    def records(self, count: int) -> list[Record]:
        """So many events, each on its topic under its key."""
        made: list[Record] = []
        while len(made) < count:
            made += self._life()
        return made[:count]

    def _life(self) -> Iterator[Record]:
        """What befalls one invented person and their surroundings: ten events."""
        rng = self._rng
        person = PersonKeys(ref=_id(), sex=rng.choice(("male", "female")), age_band="30+", keys=LinkageKeys())
        commune, start = rng.choice(self._communes), self._day()
        ref = str(person.ref)
        for number, status in enumerate(("suspected_user", "user")):
            since = start + timedelta(days=30 * number)
            row = RegisterRow(
                person=person, commune=commune, status=status, status_from=since, presence="community"
            )
            yield self._event("registry.record.registered.v1", row, _id(), 1, since, ref)
        stay = {"person": person, "commune": commune, "facility": f"CS-{rng.randint(1, 20)}"}
        record = _id()
        episode = MethadoneEpisode(**stay, enrolled_on=start)
        yield self._event("treatment.methadone.enrolled.v1", episode, record, 1, start, ref)
        end = start + timedelta(days=rng.randint(20, 200))
        left = MethadoneEpisode(**stay, enrolled_on=start, ended_on=end, end_reason="completed")
        yield self._event("treatment.methadone.left.v1", left, record, 2, end, ref)
        detox = DetoxEpisode(**stay, kind="compulsory", admitted_on=end)
        yield self._event("treatment.detox.admitted.v1", detox, _id(), 1, end)
        for _ in range(3):
            day = self._day()
            dose = Dose(facility=stay["facility"], dosed_on=day)
            yield self._event("treatment.dose.dosed.v1", dose, _id(), 1, day)
        for _ in range(2):
            day = self._day()
            fire = Fire(
                commune=rng.choice(self._communes), alarm_at=start_of_day(day), place="dwelling", deaths=1
            )
            yield self._event("incidents.fire.reported.v1", fire, _id(), 1, day)

    def _day(self) -> date:
        return _FIRST + timedelta(days=self._rng.randint(0, 360))

    def _event(
        self, kind: str, data: Snapshot, record: UUID, sequence: int, on: date, key: str | None = None
    ) -> Record:
        described = EVENT_TYPES[kind]
        event = described.model.model_validate(
            {
                "id": _id(),
                "source": f"urn:khopso:{described.owner}",
                "type": kind,
                "subject": str(record),
                "time": start_of_day(on),
                "dataschema": schema_uri(kind),
                "recordedtime": datetime.combine(on, datetime.min.time(), UTC)
                + timedelta(days=2, seconds=sequence),
                "occurredon": on,
                "sequence": sequence,
                "partitionkey": key or str(record),
                "correlationid": "bench",
                "dataclassification": described.classification,
                "unit": "committee:30",
                "data": data,
            }
        )
        return Record(described.topic, wire(event), (key or str(record)).encode(), _HEADERS)


def _id() -> UUID:
    return UUID(str(uuid7()))
