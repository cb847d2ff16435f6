"""Make the content of a closing (freeze it), then hash, sign and store it as the next entry of the chain (seal it)."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from proof import FORMAT, GENESIS, canonical, seal
from reference import areas_digest, version_of
from services.chassis.persistence import AsyncSession, outbox
from services.chassis.platform import Platform
from services.chassis.security import guards_of
from services.reporting.closing import repository
from services.reporting.closing.messages import closed_event
from services.reporting.closing.missing import check_accepted, missing_registers
from services.reporting.closing.ordering import Order, Target, office_key
from services.reporting.closing.queries import compute_cells
from services.reporting.closing.repository import Closing
from services.reporting.facts import Connection
from services.reporting.figures import Reader, read_watermark
from services.reporting.ledger.usecases import Asked, states_by_form

LEDGER_SHOWN, HAND_INS = "ledger_shown", "hand_ins"


def revised(old: Any, new: Any) -> dict[str, Any]:
    """Return a revision as the next edition lists it: the cell with its old and its new value."""
    cell = {**(new or old), "old": None if old is None else old["value"]}
    cell["new"] = None if new is None else new["value"]
    for part in ("value", "numerator", "denominator"):
        cell.pop(part, None)
    return cell


async def freeze(
    platform: Platform,
    connection: Connection,
    generation: int,
    target: Target,
    reader: Reader,
    order: Order,
    earlier: Closing | None = None,
) -> dict[str, Any]:
    """Return the whole content of a closing, which is then hashed and signed.

    Raises:
        Problem: 409 where registers are missing and nobody accepts it; a later edition was accepted by the first.
    """
    frame = target.frame
    hand_ins = await _hand_ins(connection, target, reader)
    missing = missing_registers(hand_ins.get(HAND_INS, {}))
    if earlier is None:
        check_accepted(missing, order.accepted)
    watermark = await read_watermark(connection, generation)
    return {
        "format": FORMAT,
        "id": str(platform.new_id()),
        # The hash is public. Without a secret in the content, small counts could be found by trying values.
        "nonce": token_hex(32),
        "edition": 1 if earlier is None else earlier.edition + 1,
        "supersedes": None if earlier is None else str(earlier.id),
        "calendar": target.calendar,
        "period": target.period,
        "from": frame.first.isoformat(),
        "to": frame.last.isoformat(),
        "area": frame.area,
        "area_uid": frame.uid,
        "figures": target.figures,
        "known_at": target.known_at.isoformat(),
        "closed_at": platform.clock().astimezone(UTC).isoformat(),
        "official": {
            "subject": reader.caller.subject,
            "unit": reader.caller.unit,
            "name": order.name or reader.caller.subject,
        },
        "note": order.note,
        "watermark": str(watermark),
        # Messages that could not be applied are missing in the figures, so the closing states their number.
        "dead_letters": await repository.waiting_dead_letters(connection, generation),
        **hand_ins,
        **(_accepted(order) if missing else {}),
        "area_book": areas_digest(),
        "definitions": {code: version_of(code, frame.last).document() for code in frame.figures},
        "cells": await compute_cells(connection, frame, target.known_at),
    }


async def _hand_ins(connection: Connection, target: Target, reader: Reader) -> dict[str, Any]:
    """Return the hand-in ledger of the period, where the authority table asks that whoever closes it is shown it.

    It is sealed with the figures: a closing says for ever of which registers nothing had come.
    """
    if LEDGER_SHOWN not in guards_of("close", reader.today):
        return {}
    asked = Asked(target.days, target.area, target.known_at)
    return {HAND_INS: await states_by_form(connection, asked)}


def _accepted(order: Order) -> dict[str, Any]:
    """Return who decided to close without the registers that are missing, and why; nothing where nobody had to."""
    if order.accepted is None:
        return {}
    return {"accepted_missing": {"name": order.accepted.name, "reason": order.accepted.reason}}


async def seal_closing(
    platform: Platform,
    session: AsyncSession,
    connection: Connection,
    target: Target,
    content: dict[str, Any],
    earlier: Closing | None,
) -> bytes:
    """Add the closing to the chain, store it, publish its event, and return it as canonical JSON."""
    key = office_key(platform)
    head = await repository.head(connection)
    greatest = await repository.greatest_event(connection)
    before = None if head is None else head.boundary
    # The boundary must never be less than that of an earlier closing, whatever the live generation has folded.
    boundary = max((event for event in (greatest, before) if event is not None), default=None)
    sealed = seal(
        content,
        1 if head is None else head.number + 1,
        GENESIS if head is None else head.entry_hash,
        key.key_id,
        key.sign,
    )
    closing_id = UUID(sealed["id"])
    closing = Closing(
        number=sealed["number"],
        id=closing_id,
        series=closing_id if earlier is None else earlier.series,
        edition=sealed["edition"],
        supersedes=None if earlier is None else earlier.id,
        calendar=target.calendar,
        period=target.period,
        first=target.frame.first,
        last=target.frame.last,
        area=target.frame.uid,
        figures=target.figures,
        known_at=target.known_at,
        closed_at=datetime.fromisoformat(sealed["closed_at"]),
        official=sealed["official"],
        cells=len(sealed["cells"]),
        content_hash=sealed["content_hash"],
        previous_hash=sealed["previous_hash"],
        entry_hash=sealed["entry_hash"],
        signature=sealed["signature"],
        key_id=sealed["key_id"],
        boundary=boundary,
    )
    document = canonical(sealed)
    await repository.add(connection, closing, document)
    # After the row was added, so that the number counts this edition too and the first event is 1.
    sequence = await repository.events_published(connection, closing.series)
    await outbox.append(session, [closed_event(closing, sequence, platform.new_id)])
    return document
