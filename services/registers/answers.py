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


class HandInAnswer(BaseModel):
    """What became of a batch: numbers of rows, and every fault of the refused ones."""

    form: str
    accepted: int
    unchanged: int
    corrected: int
    refused_rows: int
    refused: list[RefusedCell]


class RowAnswer(BaseModel):
    """What became of one row, and its record's id. A withdrawal is a correction."""

    outcome: Literal["accepted", "unchanged", "corrected"]
    record: UUID


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
