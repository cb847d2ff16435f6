"""The topics: who writes them, how they are keyed, split and kept. Created from here, never by the broker."""

from dataclasses import dataclass

FOR_EVER = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``owner`` is the service that creates it and whose relay writes it ("" where all of them do).

    ``broker_time``: units write it, so the time of a record is the broker's and not the sender's.
    """

    name: str
    owner: str
    partitions: int
    summary: str
    retention_ms: int = FOR_EVER
    broker_time: bool = False

    @property
    def dlq(self) -> str:
        """Return where messages of this topic go that cannot be applied."""
        return f"{self.name}.dlq"


_MONTH_MS = 30 * 24 * 3600 * 1000
_YEAR_MS = 365 * 24 * 3600 * 1000

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("registry.records", "registry", 4, "rows of the register of users and addicts"),
        Topic("registry.persons", "registry", 4, "which references are the same human being"),
        Topic("treatment.determinations", "treatment", 4, "determination slips"),
        Topic("treatment.methadone", "treatment", 4, "methadone episodes"),
        Topic("treatment.doses", "treatment", 4, "doses given, without person or amount"),
        Topic("treatment.detox", "treatment", 4, "detox episodes"),
        Topic("treatment.post_detox", "treatment", 4, "post-detox management, treatment side"),
        Topic("treatment.directory", "treatment", 2, "facilities and certified clinicians"),
        Topic("treatment.targets", "treatment", 2, "assigned targets"),
        Topic("incidents.fires", "incidents", 4, "fires and rescues"),
        Topic("incidents.drug_cases", "incidents", 4, "drug cases"),
        Topic("incidents.arrests", "incidents", 4, "persons arrested"),
        Topic("incidents.conflicts", "incidents", 4, "community conflicts"),
        Topic("incidents.places", "incidents", 2, "watched venues and hot spots"),
        Topic("incidents.area_classes", "incidents", 2, "classes of communes"),
        Topic(
            "registry.statements", "registry", 2, "what units say to have handed in, or that nothing happened"
        ),
        Topic(
            "treatment.statements",
            "treatment",
            2,
            "what units say to have handed in, or that nothing happened",
        ),
        Topic(
            "incidents.statements",
            "incidents",
            2,
            "what units say to have handed in, or that nothing happened",
        ),
        Topic("reporting.declarations", "reporting", 2, "figures that agencies declare"),
        Topic("reporting.closings", "reporting", 2, "closed periods, their editions and revisions"),
        Topic("reporting.figures", "reporting", 2, "changes of figures that somebody follows", _YEAR_MS),
        Topic(
            "reporting.reminders",
            "reporting",
            2,
            "registers that are due soon, overdue or complete",
            _YEAR_MS,
        ),
        Topic("reporting.calendars", "reporting", 1, "days off that were changed while the system runs"),
        Topic("submissions.registry", "registry", 4, "registers handed in over Kafka", _MONTH_MS, True),
        Topic("submissions.treatment", "treatment", 4, "registers handed in over Kafka", _MONTH_MS, True),
        Topic("submissions.incidents", "incidents", 4, "registers handed in over Kafka", _MONTH_MS, True),
        Topic("submissions.reporting", "reporting", 4, "registers handed in over Kafka", _MONTH_MS, True),
        Topic("submissions.outcomes", "", 4, "what became of them, keyed by unit", _MONTH_MS),
    )
}

# What follows from the facts is no fact: nobody folds it again.
DERIVED_TOPICS = ("reporting.closings", "reporting.figures", "reporting.reminders")
RULE_TOPICS = ("reporting.calendars",)
"""Topics that say by which rules facts are judged: changes of what the files of the pack say."""
FACT_TOPICS = tuple(
    name
    for name in TOPICS
    if not name.startswith("submissions.") and name not in (*DERIVED_TOPICS, *RULE_TOPICS)
)
LINKAGE_TOPICS = (
    "registry.records",
    "treatment.determinations",
    "treatment.methadone",
    "treatment.detox",
    "treatment.post_detox",
    "incidents.arrests",
)

PERSON_TOPICS = (*LINKAGE_TOPICS, "registry.persons")
"""Topics that hold linkage keys, or what is made from them: a rotation of the linkage secret fills them anew."""


SERVICES = ("registry", "treatment", "incidents", "reporting")
UNITS = "units"
"""Stands for the reporting units' own software, outside this system."""
OUTCOMES = "submissions.outcomes"


def senders(topic: str) -> tuple[str, ...]:
    """Return who writes a topic: services, or `UNITS`."""
    if topic == OUTCOMES:
        return SERVICES
    return (UNITS,) if TOPICS[topic].broker_time else (TOPICS[topic].owner,)


def receivers(topic: str) -> tuple[str, ...]:
    """Return who reads a topic: services, or `UNITS`."""
    if topic == OUTCOMES or topic in DERIVED_TOPICS:
        return (UNITS,)
    if topic in RULE_TOPICS:
        return (*(service for service in SERVICES if service != TOPICS[topic].owner), UNITS)
    if TOPICS[topic].broker_time:
        return (TOPICS[topic].owner,)
    readers = ["registry"] if topic in LINKAGE_TOPICS else []
    return (*readers, *(["reporting"] if topic in FACT_TOPICS else []))


def owned_by(service: str) -> list[Topic]:
    """Return the topics that a service creates: its own, and (idempotently, by every service) the shared outcomes."""
    return [topic for topic in TOPICS.values() if topic.owner in (service, "")]
