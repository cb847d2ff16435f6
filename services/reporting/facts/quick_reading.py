"""Read events in one step, by structs that are made from the contract's models.

A struct takes a part of what its model takes, and gives the same values of the same types. What it does not take is no
fault: `messages.read` gives that to the model, and only the model says why an event is refused. The data of every event
are kept in a struct, whichever of the two has read them, so that values of two events can be compared.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, cast, get_args, get_origin
from uuid import UUID

import msgspec
import orjson
from pydantic import AwareDatetime, BaseModel, PlainSerializer
from pydantic.fields import FieldInfo

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import Envelope
from contracts.topics import FACT_TOPICS

# The model does not follow a text that is nested too deeply or holds too long a number, and the reader of the message
# went further. Within these bounds, which no event of ours comes near, neither of them reaches its limit.
_LONGEST = 4096
_MOST_BRACKETS = 64
_COUNT = re.compile(r"[1-9][0-9]{0,16}")
_LEAF_TYPES = (UUID, date, bool, NoneType)
_RULES = frozenset({"ge", "le", "min_length", "max_length", "pattern"})


class Reader(NamedTuple):
    """A struct, which of its fields are instants, and whether one of them is a table of names and values."""

    struct: type[msgspec.Struct]
    instants: tuple[str, ...]
    has_table: bool


def quick_event(topic: str, event_type: str, value: bytes, document: Mapping[str, Any]) -> Any:
    """Return an event, its data as a struct; None where the model has to read it.

    ``document`` is ``value`` read as JSON. Of the attributes only ``sequence`` has another type than the model gives: it
    is the text that is in the event.
    """
    reader = _event_readers().get((topic, event_type))
    if reader is None or len(value) > _LONGEST or value.count(b"{") + value.count(b"[") > _MOST_BRACKETS:
        return None
    # The model looks at every value of a table, also at those of a name that comes again. No name does in a text that is
    # as long as the document written down.
    if reader.has_table and len(orjson.dumps(document)) != len(value):
        return None
    try:
        event: Any = msgspec.convert(document, reader.struct)
    except msgspec.ValidationError:
        return None
    if not _COUNT.fullmatch(event.sequence) or not _are_exact(document, _ENVELOPE_INSTANTS):
        return None
    return None if reader.instants and not _are_exact(document["data"], reader.instants) else event


def quick_data(model: type[BaseModel], document: Any) -> Any:
    """Return data that were stored, as a struct; None where the model has to read them."""
    reader = _reader_of(model)
    if reader is None:
        return None
    try:
        data = msgspec.convert(document, reader.struct)
    except msgspec.ValidationError:
        return None
    return data if _are_exact(document, reader.instants) else None


def as_struct(data: BaseModel) -> Any:
    """Return what a model has read as the struct of the model."""
    return msgspec.convert(data, struct_of(type(data)), from_attributes=True)


@cache
def struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    """Return the struct with the fields of a model. What a struct cannot check as the model does is of type Any in it."""
    validators = model.__pydantic_decorators__
    plain = not (validators.field_validators or validators.model_validators)
    fields: list[tuple[str, Any, Any]] = []
    for name, field in model.model_fields.items():
        kind = _typed(field.annotation, field.metadata) if plain and field.validation_alias is None else Any
        default = msgspec.NODEFAULT if field.is_required() else field.default
        if (made := field.default_factory) is not None:
            default = msgspec.field(default_factory=cast("Callable[[], Any]", made))
        fields.append((name, kind, default))
    flags = [name for name, field in model.model_fields.items() if _is_flag(field.annotation)]
    hooks = {"__post_init__": _refusing_false(flags)} if flags else None
    # Without garbage collection: an event has no reference cycles, and visiting every one of a batch would cost much of
    # the time won.
    return msgspec.defstruct(model.__name__, fields, kw_only=True, gc=False, module=__name__, namespace=hooks)


@cache
def _reader_of(model: type[BaseModel]) -> Reader | None:
    """Return the reader of a model's documents; None where only the model can read them."""
    struct = struct_of(model)
    return None if _is_loose(struct) else Reader(struct, _instants(struct), _has_table(struct))


def _typed(annotation: Any, rules: Iterable[Any]) -> Any:
    """Return the type by which msgspec checks all that pydantic checks of a field; Any where there is none."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _typed(parts[0], [*rules, *parts[1:]])
    if annotation in (str, int):
        return _ruled(annotation, rules)
    if any(True for _ in rules):
        return Any
    if origin in (Union, UnionType):
        return reduce(or_, (_typed(part, ()) for part in parts))
    if origin is tuple and parts[1:] == (Ellipsis,):
        return tuple[_typed(parts[0], ()), ...]  # type: ignore[misc]
    if origin is dict:
        return dict[_typed(parts[0], ()), _typed(parts[1], ())]  # type: ignore[misc]
    if origin is Literal:
        # A flag that can only be true is read as any flag; `_refusing_false` looks at it then.
        strings = all(isinstance(part, str) for part in parts)
        return bool if parts == (True,) else annotation if strings else Any
    if annotation is AwareDatetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_of(annotation)
    return annotation if annotation in _LEAF_TYPES else Any


def _ruled(annotation: Any, rules: Iterable[Any]) -> Any:
    """Return a text or a number with pydantic's rules as msgspec has them; Any where one of them is unknown."""
    asked = _asked(rules)
    if not asked.keys() <= _RULES:
        return Any
    if "pattern" in asked:
        # Python's `$` also matches before a line end, that of the model does not.
        asked["pattern"] = asked["pattern"].removesuffix("$") + r"\Z"
    return Annotated[annotation, msgspec.Meta(**asked)] if asked else annotation


def _asked(rules: Iterable[Any]) -> dict[str, Any]:
    """Return what the rules ask for, by name. A rule that keeps nothing as an attribute is told by itself."""
    found: dict[str, Any] = {}
    for rule in rules:
        if isinstance(rule, FieldInfo):
            found |= _asked(rule.metadata)
        elif not isinstance(rule, PlainSerializer):  # which says how a value is written, not what is read
            names = [*getattr(rule, "__dict__", ()), *getattr(rule, "__slots__", ())]
            said = {name: value for name in names if (value := getattr(rule, name)) is not None}
            found |= said or {repr(rule): rule}
    return found


def _refusing_false(names: Iterable[str]) -> Any:
    def check(self: msgspec.Struct) -> None:
        for name in names:
            if getattr(self, name) is False:
                raise ValueError(name)

    return check


def _is_flag(annotation: Any) -> bool:
    return annotation == Literal[True] or Literal[True] in get_args(annotation)


def _is_loose(kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return any(_is_loose(field.type) for field in msgspec.structs.fields(kind))
    return kind is Any or any(map(_is_loose, get_args(kind)))


def _has_table(kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return any(_has_table(field.type) for field in msgspec.structs.fields(kind))
    return get_origin(kind) is dict or any(map(_has_table, get_args(kind)))


def _instants(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(struct) if _is_instant(field.type))


def _is_instant(kind: Any) -> bool:
    return kind is datetime or any(map(_is_instant, get_args(kind)))


def _are_exact(document: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Return whether the instants have no digits below microseconds: msgspec rounds them, the model cuts them off."""
    for name in names:
        text = document.get(name)
        # The longest texts without such digits end in "Z", or in an offset with a colon.
        if text is not None and len(text) > 27 and (len(text) > 32 or text[-3] != ":"):
            return False
    return True


@cache
def _event_readers() -> dict[tuple[str, str], Reader]:
    envelope = struct_of(Envelope)
    readers = {}
    for name, described in EVENT_TYPES.items():
        model: Any = described.model.model_fields["data"].annotation
        data = _reader_of(model) if described.topic in FACT_TOPICS else None
        # What an event adds to the envelope are its type, which `name` is one of, and its data.
        if data is not None and described.model.model_fields.keys() == {*Envelope.model_fields, "data"}:
            fields = [
                ("specversion", Literal["1.0"]),
                ("type", Literal[name]),
                ("sequence", str),
                ("data", data.struct),
            ]
            struct = msgspec.defstruct(
                described.model.__name__, fields, bases=(envelope,), kw_only=True, gc=False
            )
            readers[described.topic, name] = Reader(struct, data.instants, data.has_table)
    return {} if _is_loose(envelope) else readers


_ENVELOPE_INSTANTS = _instants(struct_of(Envelope))
