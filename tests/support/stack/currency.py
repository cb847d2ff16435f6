"""Whether everything accepted so far is in the figures, told from what the services say of themselves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts.topics import FACT_TOPICS, LINKAGE_TOPICS
from deploy.embedded.state import SERVICES

Progress = Mapping[str, Any]


def behind(progress_of: Callable[[str], Progress]) -> list[str]:
    """What is still on its way into the figures; empty when nothing is.

    In this order: outboxes empty, registry has applied what it links by, its own outbox is empty (links are
    events too), reporting has applied everything.
    """
    progress = {service: progress_of(service) for service in SERVICES}
    found = [
        f"{name}: {unsent} unsent" for name, each in progress.items() if (unsent := each["outbox"]["unsent"])
    ]
    found = found or _unapplied(progress, "registry", LINKAGE_TOPICS)
    if found:
        return found
    progress["registry"] = progress_of("registry")
    if progress["registry"]["outbox"]["unsent"]:
        return ["registry has links to send"]
    progress["reporting"] = progress_of("reporting")
    return _unapplied(progress, "reporting", FACT_TOPICS)


def _unapplied(progress: Mapping[str, Progress], reader: str, topics: Sequence[str]) -> list[str]:
    """Partitions in which the reader has not come to what was sent, or not in the log that it was sent to."""
    applied, logs = progress[reader]["applied"], progress[reader]["applied_incarnations"]
    found = []
    for service, each in progress.items():
        for topic, offsets in each["outbox"]["sent"].items():
            if topic not in topics:
                continue
            for partition, last in offsets.items():
                sent_to = each["outbox"]["incarnations"][topic][partition]
                same_log = logs.get(topic, {}).get(partition) == sent_to
                if not same_log or applied.get(topic, {}).get(partition, 0) <= last:
                    found.append(f"{reader} behind on {service}'s {topic}/{partition}")
    return found
