"""A reconciliation as one reader may see it: the waterfall, and the records behind its steps with their marks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from services.chassis.platform import Platform
from services.chassis.problems import texts
from services.marks import Notes
from services.reporting.facts import Connection
from services.reporting.figures import QueryService, Question, Reader, RecordSight, Watermark, parse_question
from services.reporting.reconciliation.marked import MarkedRecords
from services.reporting.reconciliation.naming import as_known, reached, records_of
from services.reporting.reconciliation.requests import OWN, ReconciliationRequest
from services.reporting.reconciliation.usecases import EXACT_ONLY, reconcile
from texts import message


@dataclass(frozen=True, slots=True)
class SeenReconciliation:
    """What a reader sees of a reconciliation. ``marked`` is None where no records are listed."""

    question: Question
    document: dict[str, Any]
    sight: RecordSight
    marked: MarkedRecords | None
    watermark: Watermark


async def seen_reconciliation(
    platform: Platform,
    queries: QueryService,
    notes: Notes,
    reader: Reader,
    figure: str,
    given: Mapping[str, str],
) -> SeenReconciliation:
    """Return the reconciliation that the parameters ask for. Whoever shows it must `note` the records of its sight.

    Raises:
        Problem: 403 for a reader who may not see exact numbers of the figure, 404 where the agency declared nothing, 422 with
            every fault of the parameters.
    """
    now = platform.clock()
    rest = {name: value for name, value in given.items() if name not in OWN and name != "by"}
    question = parse_question(figure, rest, now)
    asked = ReconciliationRequest(given)
    owner = {question.figure.owner_on(question.day)}
    wanted = None
    if asked.listing is not None and reader.lists("reconcile", owner, owner):
        wanted = replace(asked.listing, reached=partial(reached, reader))

    async def answer(connection: Connection) -> tuple[dict[str, Any], RecordSight, MarkedRecords | None]:
        marked, listing = None, wanted
        if wanted is not None:
            marked = await MarkedRecords.of(connection, question, reader, asked.marked)
            listing = replace(wanted, wanted=marked.has)
        found = await reconcile(
            connection,
            question,
            asked.agency,
            now,
            given=asked.number,
            against=asked.against,
            listing=listing,
        )
        sight = await RecordSight.of(connection, reader)
        await sight.learn(connection, records_of(found))
        document = as_known(found, sight)
        if marked is not None:
            await marked.show(connection, document, notes)
        return document, sight, marked

    (document, sight, marked), watermark = await queries.read_exact(question, reader, EXACT_ONLY, answer)
    if wanted is None:
        hidden = "reconcile_records_not_asked" if asked.listing is None else "reconcile_records_hidden"
        document["records_hidden"] = {"rule": hidden, **texts(message(hidden))}
    return SeenReconciliation(question, document, sight, marked, watermark)
