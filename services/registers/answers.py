"""What the routes of registers answer, for the OpenAPI document."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from services.chassis.problems import Texts


class RefusedCell(BaseModel):
    """One fault of a refused row. ``row`` is the number that the row was handed in under."""

    row: int
    field: str
    value: str
    rule: str
    message: Texts


class NotedCell(BaseModel):
    """A note about a row that was taken: what of it was understood otherwise than it is written, or may be meant so."""

    row: int
    field: str
    value: str
    rule: str
    message: Texts


class ChangedCell(BaseModel):
    """A value of a record that a row replaced; null where it is blank."""

    row: int
    field: str
    old: Any
    new: Any


class HandInAnswer(BaseModel):
    """What became of a batch: numbers of rows, each row in one of them, and every fault of the refused ones.

    ``withdrawn``: rows with `void` = yes; ``restored``: rows that enter a withdrawn record again. ``changes`` where the
    request asks for them (`show_changes`): only what the caller may read, and nothing of a first hand-in.
    """

    form: str
    accepted: int
    unchanged: int
    corrected: int
    withdrawn: int
    restored: int
    refused_rows: int
    refused: list[RefusedCell]
    notes: list[NotedCell]
    changes: list[ChangedCell] = []


class RowAnswer(BaseModel):
    """What became of one row, and its record's id."""

    outcome: Literal["accepted", "unchanged", "corrected", "withdrawn", "restored"]
    record: UUID
    notes: list[NotedCell]
    changes: list[ChangedCell] = []


class FormOutline(BaseModel):
    """One register."""

    form: str
    service: str
    vi: str
    en: str
    key: list[str]


class ColumnDescription(BaseModel):
    """One column; ``codes`` by code with their Vietnamese labels."""

    id: str
    vi: str
    kind: str
    required: bool
    identity: bool
    default: str | None
    codes: dict[str, str] | None


class FormDescription(FormOutline):
    """One register with its columns."""

    columns: list[ColumnDescription]


class FormList(BaseModel):
    """The registers that a service keeps."""

    forms: list[FormOutline]


class RecordAnswer(BaseModel):
    """One record as it stands; identity only for those who may read it.

    ``minor``: the person is under 18 today; null where the caller does not read who it is.
    """

    record: UUID
    unit: str
    sequence: int
    recorded_at: AwareDatetime
    voided: bool
    minor: bool | None = None
    values: dict[str, Any]


class RecordPage(BaseModel):
    """Records in the order of their ids; ``next`` is the ``after`` of the next page, null on the last."""

    form: str
    records: list[RecordAnswer]
    next: UUID | None


class UnitAnswer(BaseModel):
    """One reporting unit; ``may_write`` says whether the caller may hand in for it."""

    code: str
    kind: str
    name: str
    area_code: str | None
    may_write: bool


class UnitList(BaseModel):
    """The reporting units."""

    units: list[UnitAnswer]
