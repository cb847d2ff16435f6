"""Hypothesis strategies for the event models, read from their own fields and bounds."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo
from pydantic.types import StringConstraints

from contracts.envelope import Envelope

Strategy = st.SearchStrategy[Any]

_DAYS = st.dates(date(1995, 1, 1), date(2099, 12, 31))
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30))])
_INSTANTS = st.datetimes(datetime(1995, 1, 1), datetime(2099, 12, 31), timezones=_ZONES)  # noqa: DTZ001
_LETTERS = st.characters(codec="utf-8")


@cache
def instances(model: type[BaseModel]) -> Strategy:
    """Valid instances of a model."""
    required: dict[str, Strategy] = {}
    optional: dict[str, Strategy] = {}
    for name, field in model.model_fields.items():
        (required if field.is_required() else optional)[name] = _field(field)
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: model(**values))


@cache
def events(model: type[Envelope], event_type: str) -> Strategy:
    """Valid events of one type."""
    return instances(model).map(lambda event: event.model_copy(update={"type": event_type}))


def _field(field: FieldInfo) -> Strategy:
    return _value(field.annotation, tuple(field.metadata))


def _value(annotation: Any, bounds: tuple[Any, ...]) -> Strategy:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        return _value(inner, (*bounds, *_unpacked(metadata)))
    if origin in (Union, UnionType):
        return st.one_of(*(_value(option, bounds) for option in get_args(annotation)))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        return st.lists(_value(get_args(annotation)[0], ()), max_size=3).map(tuple)
    if origin is dict:
        keys, values = get_args(annotation)
        return st.dictionaries(_value(keys, ()), _value(values, ()), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return instances(annotation)
    return _SCALARS[annotation](bounds)


def _unpacked(metadata: list[Any]) -> list[Any]:
    return [part for item in metadata for part in (item.metadata if isinstance(item, FieldInfo) else [item])]


def _bound(bounds: tuple[Any, ...], kind: type, name: str) -> Any:
    return next((getattr(bound, name) for bound in bounds if isinstance(bound, kind)), None)


def _text(bounds: tuple[Any, ...]) -> Strategy:
    for bound in bounds:
        pattern = getattr(bound, "pattern", None)
        if pattern is not None:
            return st.from_regex(pattern.removesuffix("$") + r"\Z", alphabet=st.characters(codec="ascii"))
    rules = next((bound for bound in bounds if isinstance(bound, StringConstraints)), StringConstraints())
    shortest = rules.min_length or _bound(bounds, MinLen, "min_length") or 0
    longest = rules.max_length or _bound(bounds, MaxLen, "max_length") or 60
    return st.text(_LETTERS, min_size=shortest, max_size=max(shortest, min(longest, 60)))


def _decimal(bounds: tuple[Any, ...]) -> Strategy:
    low = _bound(bounds, Ge, "ge")
    return st.decimals(
        Decimal(-(10**12)) if low is None else low,
        Decimal(10**12),
        places=3,
        allow_nan=False,
        allow_infinity=False,
    )


_SCALARS: dict[Any, Callable[[tuple[Any, ...]], Strategy]] = {
    str: _text,
    int: lambda bounds: st.integers(_bound(bounds, Ge, "ge"), _bound(bounds, Le, "le")),
    bool: lambda bounds: st.booleans(),
    Decimal: _decimal,
    date: lambda bounds: _DAYS,
    datetime: lambda bounds: _INSTANTS,
    AwareDatetime: lambda bounds: _INSTANTS,
    UUID: lambda bounds: st.uuids(),
    NoneType: lambda bounds: st.none(),
}
