"""How a service is, in words: ages, consumers, and everything that somebody has to look at."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from contracts.envelope import VIETNAM
from services.chassis.http import BackupStatus, CertificateStatus, ServiceStatus
from services.chassis.kafka import ConsumerWork, OutboxState, Working
from services.chassis.web import Cell, Kind, Text, moment_text
from texts import Message, day_written, joined, message, number_message

AGES = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
WORKINGS: tuple[Working, ...] = get_args(Working)
_KINDS: dict[Working, Kind] = {"going_on": "good", "asked": "plain", "unread": "plain"}
_NAMED = 12
"""Letters of a back-up's digest that are shown: enough to find its folder by."""
_LATE_SECONDS = 60
"""An event that waits for so long is late: the alert `KhopsoEventsNotSent` has the same bound."""


def age(since: datetime, now: datetime) -> Message:
    """Return how long ago something was, in its largest unit."""
    seconds = max(0, round((now - since).total_seconds()))
    unit, size = next((each for each in AGES if seconds >= each[1]), AGES[-1])
    return message(f"page.operating.age.{unit}", count=number_message(seconds // size))


def waiting(outbox: OutboxState, now: datetime) -> Message | None:
    """Return how many events wait to be sent, and how long the oldest has; None where none waits."""
    if outbox.oldest is None:
        return None
    parts = [number_message(outbox.unsent), age(outbox.oldest, now)]
    return joined(parts, message("page.operating.since_for"))


def end_of(certificate: CertificateStatus) -> Text:
    """Return the day on which the certificates of a file end, or that the file cannot be read."""
    if certificate.ends is None:
        return message("page.operating.certificate_unreadable")
    return _day(certificate.ends)


def backup_text(backup: BackupStatus | None) -> Message:
    """Return when the last back-up was made, which one it is, and whether it was read again; or that none is known."""
    if backup is None:
        return message("page.operating.backup.unknown")
    told = {
        "when": moment_text(backup.made_at),
        "version": backup.version,
        "digest": backup.digest[:_NAMED],
    }
    if backup.read_again:
        return message("page.operating.backup.read", **told)
    return message("page.operating.backup.unread", **told)


def backup_troubles(backup: BackupStatus | None) -> Iterator[Message]:
    """Yield that no back-up is known, or that the last one is too old."""
    if backup is None:
        yield message("page.operating.backup.never")
    elif backup.old:
        yield message("page.operating.backup.old", when=moment_text(backup.made_at))


def _day(at: datetime) -> str:
    return day_written(at.astimezone(VIETNAM).date())


def _certificate_trouble(each: CertificateStatus) -> Message:
    if each.ends is None:
        return message("page.operating.certificate_lost", setting=each.setting)
    if each.ended:
        return message("page.operating.certificate_ended", setting=each.setting, on=_day(each.ends))
    return message("page.operating.certificate_ends", setting=each.setting, on=_day(each.ends))


def is_trouble(work: ConsumerWork) -> bool:
    """Return whether somebody has to look at how a consumer does."""
    return work.working not in _KINDS


def working_cell(work: ConsumerWork) -> Cell:
    """Return how a consumer does, as a tag."""
    return Cell(text=message(f"page.operating.working.{work.working}"), tag=_KINDS.get(work.working, "bad"))


def troubles(status: ServiceStatus) -> Iterator[Message]:
    """Yield what is wrong with a service, the worst first."""
    if status.waiting_for:
        yield message("page.operating.not_ready", what=", ".join(status.waiting_for))
    if status.degraded:
        yield message("page.operating.degraded", what=", ".join(status.degraded))
    for each in status.certificates:
        if each.soon:
            yield _certificate_trouble(each)
    state = status.state
    if state is None:
        yield message("page.operating.no_database")
        return
    if not state.outbox.relay:
        yield message("page.operating.no_relay")
    oldest = state.outbox.oldest
    if oldest is not None and (state.at - oldest).total_seconds() > _LATE_SECONDS:
        yield message("page.operating.unsent_late", age=age(oldest, state.at))
    for work in state.consumers:
        if is_trouble(work):
            yield message(
                "page.operating.consumer_trouble",
                consumer=work.consumer,
                how=message(f"page.operating.working.{work.working}"),
                what=f" ({work.what})" if work.what else "",
            )
    letters = sum(waiting.letters for waiting in state.dead_letters)
    if letters:
        yield message("page.operating.letters_wait", letters=number_message(letters))
