"""A province of invented people, what an agency declared about them, and the waterfall asked of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.chassis.platform import Platform
from services.reporting.figures import snapshot
from services.reporting.figures.questions import parse_question
from services.reporting.reconciliation.document import Listing
from services.reporting.reconciliation.usecases import Given, reconcile
from tests.support.reporting import CHI_LINH, HAI_DUONG, NOW, Log, listed, named, person

DAY, CUT_OFF = date(2023, 12, 14), date(2023, 12, 18)
ON_TIME, LATE = date(2023, 12, 1), date(2024, 1, 10)
ALL = Listing()
ADDICTS, PATIENTS = "registry.addicts_with_file", "methadone.active"
__all__ = ["CHI_LINH", "HAI_DUONG"]


@dataclass
class Case:
    """A log that is being written, with helpers in the words of the tests."""

    log: Log = field(default_factory=Log)

    def addict(self, who: str, *, since: date = ON_TIME, recorded: date | None = None, **more: Any) -> None:
        """A register row of the status `addict`."""
        listed(self.log, who, "addict", since, recorded=recorded or since, **more)

    def patient(self, who: str, since: date, *, facility: str = "F1", **more: Any) -> None:
        """A methadone episode; ``recorded`` defaults to its first day."""
        given = {"person": person(who), "commune": HAI_DUONG, **more}
        self.log.write(
            "methadone", f"{who} {since}", unit=facility, facility=facility, enrolled_on=since, **given
        )

    def same(self, *whos: str, known: date = ON_TIME) -> None:
        """These references are one human being, as known from the day."""
        for who in whos:
            self.log.link(who, f"token of {whos[0]}", known=known)

    def declare(
        self,
        value: int | str,
        *,
        figure: str = ADDICTS,
        agency: str = "police",
        area: str = "30@2008",
        on: date | None = CUT_OFF,
        **dates: Any,
    ) -> None:
        """What an agency declared; for ``DAY`` where no dates are given."""
        dates = dates or {"as_of": DAY}
        about = dates.get("as_of") or dates["period_to"]
        self.log.write(
            "declared",
            f"{agency} {figure} {area} {sorted(dates.items())}",
            unit="committee:30",
            recorded=on or about,
            occurred=on or about,
            agency=agency,
            figure=figure,
            area=area,
            value=value,
            declared_on=on,
            **dates,
        )


async def explain(
    platform: Platform,
    figure: str = ADDICTS,
    agency: str | None = "police",
    *,
    given: Given | None = None,
    against: str | None = None,
    listing: Listing | None = ALL,
    **asked: str,
) -> dict[str, Any]:
    """The document of a reconciliation, asked as a request asks (``since`` stands for ``from``)."""
    if "since" in asked:
        asked["from"] = asked.pop("since")
    elif "to" not in asked:
        asked = {"as_of": DAY.isoformat(), **asked}
    question = parse_question(figure, asked, NOW)
    async with snapshot.reading(platform.uow) as (connection, _):
        return await reconcile(
            connection, question, agency, NOW, given=given, against=against, listing=listing
        )


def counts(document: dict[str, Any]) -> dict[str, Any]:
    """The steps that are not zero."""
    return {step["step"]: step["count"] for step in document["steps"] if step["count"]}


def records(document: dict[str, Any], step: str) -> set[str]:
    """The ids of the records behind a step."""
    found = next(one for one in document["steps"] if one["step"] == step)
    return {record["record"] for record in found["records"]}


def row(who: str, since: date = ON_TIME) -> str:
    """The id of a register row."""
    return str(named(f"registry police:288 {who} {since}"))
