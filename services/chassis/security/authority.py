"""Who may do what: one pure decision over the province's authority table (``authority/*.csv`` of its pack).

Every route, hand-in, match, list and export calls `may` and nothing else. It gets the caller's unit from the units
register (never from the token), and what the caller wants to do to which record on which day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from reference import Record as Row
from reference import UnitKind, area_book, unit_kinds
from services.chassis.security.auth import Principal
from services.chassis.security.rights import ANY, Rights, rights_on
from services.chassis.security.units import Unit

HAND_IN, READ, EXACT = "hand_in", "read", "exact_figures"
"""Actions that are decided by a table of their own; all others are those of ``actions.csv``."""
_CLERK = "clerk"
CONDITIONS = frozenset(
    {"purpose", "reason", "step_up", "second_person", "one_hour", "named_person", "from_a_date"}
)
"""Guards that must be met before something may be seen or done. The others are duties of whoever does it for the caller:
to write it down, to tell the unit, to show the ledger."""
_UNCHANGED = 65_536


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the unit as the register knows it on the day, and the role of the person in it."""

    unit: Unit
    role: str

    @classmethod
    def of(cls, caller: Principal, unit: Unit) -> "Actor":
        """Return the caller with the unit that the register knows; tokens call an administrator ``admin``."""
        return cls(unit, "administrator" if caller.is_admin else caller.role)


@dataclass(frozen=True, slots=True)
class Target:
    """What the caller wants to act on. What is not known of it gives no right.

    - ``form``, ``unit``: the register, and whose record it is (`Units.keeping`).
    - ``variants``: what kind of record of the form it is (a form of detox); None where that is not known, as in a
      withdrawal, which names the record alone.
    - ``area``: uid or code of the area that it speaks about, where it is not about its unit's own.
    - ``owners``: the agencies that it belongs to: of a figure, a calendar, the registers compared, a declaration.
    - ``ties``: how the person is known to be tied to the caller's own register; whoever cannot know leaves it empty.
    - ``minor``: the person is under 18 on the day. ``size``: how many records it is about. ``between``: records of more
      than one unit. ``paper``: the paper that a
      declaration rests on is named.
    """

    form: str = ""
    unit: Unit | None = None
    variants: frozenset[str] | None = None
    area: str | None = None
    owners: frozenset[str] = frozenset()
    ties: frozenset[str] = frozenset()
    minor: bool = False
    size: int = 1
    paper: bool = False
    between: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of the table that grants something: what is seen, and the guards that go with it."""

    sees: frozenset[str]
    guards: frozenset[str]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The caller may. ``learns`` are the columns that another agency's person is known by (``sharing.csv``)."""

    grants: tuple[Grant, ...]
    learns: frozenset[str] = frozenset()

    def sees(self, *met: str) -> frozenset[str]:
        """Return what the caller sees when these guards are met, such as a stated purpose."""
        unmet = CONDITIONS - frozenset(met)
        return frozenset(what for grant in self.grants if not grant.guards & unmet for what in grant.sees)

    def reads(self, *met: str) -> bool:
        """Return whether the caller reads the record's values when these guards are met."""
        return bool(self.sees(*met) & {"values", "identity"})

    def guards(self, what: str | None = None) -> frozenset[str]:
        """Return the guards of the easiest way to see this; without it, those of the action itself."""
        fitting = [grant.guards for grant in self.grants if what is None or what in grant.sees]
        return min(fitting, key=len, default=frozenset())


@dataclass(frozen=True, slots=True)
class Refused:
    """The caller may not. ``right`` is what is missing; ``kinds`` and ``roles`` are those who can hold it.

    It follows from the table and the caller alone, never from a record: it is the same whether one exists or not.
    """

    right: str
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


Decision = Allowed | Refused
_PLAIN = Allowed((Grant(frozenset(), frozenset()),))


def may(caller: Actor, action: str, target: Target, day: date) -> Decision:
    """Return whether the caller may do this on the day, what of it he sees, and under which guards.

    Example: a commune police clerk and a methadone record of a clinic in the same commune give ``Refused``; the clinic's
    own clerk gets ``Allowed`` and sees values and identity.
    """
    return _decided(caller, action, target, day)


# The tables of a day do not change while a process runs, and one list asks the same for every row.
@lru_cache(maxsize=_UNCHANGED)
def _decided(caller: Actor, action: str, target: Target, day: date) -> Decision:
    rights = rights_on(day)
    if action == HAND_IN:
        return _hand_in(caller, target, rights)
    if action == READ:
        return _read(caller, target, rights)
    if action == EXACT:
        return _exact(caller, target, rights)
    return _other(caller, action, target, rights)


def _hand_in(caller: Actor, target: Target, rights: Rights) -> Decision:
    rows = _of_variant(rights.hand_in.get(target.form, ()), target.variants)
    if caller.role == _CLERK and target.unit is not None:
        for row in rows:
            if row["kind"] != ANY and not caller.unit.is_a(row["kind"]):
                continue
            if _reached(row, caller.unit, target, rights) and _holds(row["condition"], caller.unit, target):
                return _PLAIN
    return Refused(f"{HAND_IN}:{target.form}", _distinct(row["kind"] for row in rows), (_CLERK,))


def _of_variant(rows: tuple[Row, ...], variants: frozenset[str] | None) -> list[Row]:
    """Return the rows for these kinds of record: those that name one of them, else those that name none."""
    if variants is None:
        return list(rows)
    named = [row for row in rows if variants.intersection(row["variant"])]
    return named or [row for row in rows if not row["variant"]]


def _reached(row: Row, own: Unit, target: Target, rights: Rights) -> bool:
    unit = target.unit
    assert unit is not None
    if target.area is not None:
        # A number about an area is handed in by the caller's own unit; the area must lie below.
        if unit.code != own.code or own.area is None:
            return False
        # An assigned number is for areas below; one declared on behalf, from a paper, may be of the own area.
        assigned = row["reach"] == "below" and row["condition"] != "paper_named"
        return (_is_below if assigned else _within)(own.area, target.area)
    if row["reach"] == "own":
        return unit.code == own.code
    # On behalf of a unit that keeps this register, and belongs to the agency that gives the caller this right.
    keepers = rights.keepers.get(target.form, frozenset())
    return bool(own.agencies_as([row["kind"]]) & unit.agencies_as(keepers)) and own.stands_above(unit)


def _holds(condition: str, own: Unit, target: Target) -> bool:
    """Return whether the condition of a row of ``hand-in.csv`` is met."""
    if condition == "commune_level":
        return own.area is not None and _level(own.area) == "commune"
    if condition in ("own_agency", "owns_figure"):
        return bool(target.owners) and target.owners <= own.agencies
    if condition == "paper_named":
        return target.paper
    return not condition


def _read(caller: Actor, target: Target, rights: Rights) -> Decision:
    granted = rights.reading.get(caller.role, ())
    relation = _relation(caller.unit, target, rights)
    rows = [row for row in granted if row["rows"] == relation]
    learns = frozenset[str]()
    if any("shared" in row["sees"] for row in rows):
        learns = _shared(caller.unit, target, rights)
        rows = [row for row in rows if "shared" not in row["sees"] or learns]
    grants = [Grant(frozenset(row["sees"]), frozenset(row["guard"])) for row in rows]
    if target.minor:
        grants = [*_without_identity(grants), *_of_minors(caller, relation, granted)]
    if not grants:
        keepers = rights.keepers.get(target.form, ())
        return Refused(f"{READ}:{target.form}", tuple(sorted(keepers)), (_CLERK,))
    return Allowed(tuple(grants), learns)


def _relation(own: Unit, target: Target, rights: Rights) -> str:
    """Return the relation of the record's unit to the caller's: ``own``, ``below``, or ``other_agency``.

    A unit of the same agency that is not below, such as the police of the next commune, counts as another agency.
    """
    unit = target.unit
    if unit is None:
        return ""
    if unit.code == own.code:
        return "own"
    agencies = _keeping(unit, rights.keepers.get(target.form, frozenset()))
    return "below" if agencies & own.agencies and own.stands_above(unit) else "other_agency"


def _keeping(unit: Unit, keepers: Iterable[str]) -> frozenset[str]:
    # By the kind that keeps this register: a detox centre that treats, too, has patients of another agency.
    return unit.agencies_as(keepers) or unit.agencies


def _shared(own: Unit, target: Target, rights: Rights) -> frozenset[str]:
    """Return what the caller learns about another agency's person, by the ties that are known to exist."""
    rows = [*rights.sharing.get(target.form, ()), *rights.sharing.get(ANY, ())]
    return frozenset(
        what
        for row in rows
        if row["tie"] in target.ties and (row["kind"] == ANY or own.is_a(row["kind"]))
        for what in row["learns"]
    )


def _without_identity(grants: Iterable[Grant]) -> list[Grant]:
    left = (Grant(grant.sees - {"identity"}, grant.guards) for grant in grants)
    return [grant for grant in left if grant.sees]


def _of_minors(caller: Actor, relation: str, granted: Iterable[Row]) -> list[Grant]:
    """Return what the commune's own staff see of a person under 18 (rows ``minors``)."""
    own = caller.unit
    if relation not in ("own", "below") or own.area is None or _level(own.area) != "commune":
        return []
    return [
        Grant(frozenset(row["sees"]), frozenset(row["guard"])) for row in granted if row["rows"] == "minors"
    ]


def _exact(caller: Actor, target: Target, rights: Rights) -> Decision:
    """Decide on exact numbers of a figure, or of registers that are matched (``owners``), in the caller's area."""
    rows = [
        row
        for row in rights.reading.get(caller.role, ())
        if row["rows"] == "own_agency" and EXACT in row["sees"] and caller.unit.agencies & target.owners
    ]
    grants = [Grant(frozenset({EXACT}), frozenset(row["guard"])) for row in rows]
    if not grants and any("shared" in row["sees"] for row in rights.reading.get(caller.role, ())):
        shared = _shared(caller.unit, Target(ties=frozenset({"area"})), rights)
        grants = [Grant(frozenset({EXACT}), frozenset())] if EXACT in shared else []
    if grants:
        return Allowed(tuple(grants))
    return Refused(EXACT, tuple(sorted({*target.owners, "committee"} - {ANY})), ("clerk", "official"))


def _other(caller: Actor, action: str, target: Target, rights: Rights) -> Decision:
    rows = rights.actions.get(action, ())
    grants = [
        Grant(frozenset({action}), frozenset(row["guard"]))
        for row in rows
        if row["role"] == caller.role
        and (row["kind"] == ANY or caller.unit.is_a(row["kind"]))
        and _fits(row["condition"], caller.unit, target)
    ]
    if grants:
        return Allowed(tuple(grants))
    return Refused(action, _distinct(row["kind"] for row in rows), _distinct(row["role"] for row in rows))


def _fits(condition: str, own: Unit, target: Target) -> bool:
    """Return whether the condition of a row of ``actions.csv`` is met; an unknown condition never is."""
    whose = target.unit
    reached = target.area is None or (own.area is not None and _within(own.area, target.area))
    facts = {
        "": True,
        "owns_calendar": bool(target.owners & own.agencies) and reached,
        "committee_or_civil_calendar": bool(target.owners & {ANY, "committee"}) and reached,
        "party": bool(target.owners & own.agencies) and reached,
        "own_agency": target.owners <= own.agencies
        and (whose is None or whose.code == own.code or bool(whose.agencies & own.agencies)),
        "residence": target.area is not None and reached and target.size <= 5,
        "above_five_records": target.size > 5 and reached,
        "between_units": target.between and reached,
        "own_unit_above_50": target.size > 50 and whose is not None and whose.code == own.code,
        "of_area": bool(target.owners & own.agencies) and own.office and _is_of(own.area, target.area),
        "looked_at": whose is not None and whose.code == own.code,
    }
    return facts.get(condition, False)


def _within(upper: str, area: str) -> bool:
    """Return whether the area is the one of the code ``upper`` or lies in it."""
    return any(area_book().covers(upper, found.uid) for found in area_book().named(area))


def _is_of(code: str | None, area: str | None) -> bool:
    """Return whether the area is the one of the code, not one within it."""
    return code is not None and area is not None and any(code == one.code for one in area_book().named(area))


def _is_below(upper: str, area: str) -> bool:
    """Return whether the area lies inside and is not the same; the whole province, the highest area, counts too."""
    return _within(upper, area) and (area.partition("@")[0] != upper or _level(upper) == "province")


def _level(code: str) -> str:
    return area_book().named(code)[-1].level


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def told_as(form: str, column: str, value: Any, day: date) -> Any:
    """Return a learned value as the table has it told: as its class where ``classes.csv`` names one, else as it is.

    Example: of a methadone record the ``reason_class`` of ``terminated`` is ``stopped``.
    """
    rows = rights_on(day).classes.get(form, ())
    return next((row["told"] for row in rows if row["column"] == column and row["value"] == value), value)


def hands_in(caller: Actor, form: str, day: date) -> Decision:
    """Return whether the caller hands in records of the form for any unit at all; which ones, each record decides."""
    rows = rights_on(day).hand_in.get(form, ())
    # What a record is about, its paper or its figure, is not known yet; the caller's own level is.
    if caller.role == _CLERK and any(
        (row["kind"] == ANY or caller.unit.is_a(row["kind"]))
        and (row["condition"] != "commune_level" or _holds(row["condition"], caller.unit, Target()))
        for row in rows
    ):
        return _PLAIN
    return nobody(HAND_IN, form, day)


def reads_rows(role: str, day: date, *met: str) -> bool:
    """Return whether people in the role read rows of any register at all on the day when these guards are met."""
    rows = rights_on(day).reading.get(role, ())
    return Allowed(tuple(Grant(frozenset(row["sees"]), frozenset(row["guard"])) for row in rows)).reads(*met)


def agencies_keeping(form: str, unit: Unit, day: date) -> frozenset[str]:
    """Return the agencies of which a record of the form is, by the unit that keeps it (`Units.keeping`).

    A facility that nobody has listed is of no known kind: its record belongs to the agency that lists facilities that do
    such work, since that agency alone can put the list right. Example: a methadone record of an unlisted site is health's.
    """
    if unit.kinds:
        return _keeping(unit, rights_on(day).keepers.get(form, frozenset()))
    return frozenset(kind.agency for kind in _facilities_keeping(form, day) if kind.does)


def facility_kinds_keeping(form: str, day: date) -> frozenset[tuple[str, str]]:
    """Return the kinds of facility that keep the form, each with its agency on the day.

    What a facility is says the list of facilities. A service that does not have that list knows it of a facility whose
    records of the form were accepted: by the list, it was of such a kind.
    """
    return frozenset((kind.kind, kind.agency) for kind in _facilities_keeping(form, day))


def _facilities_keeping(form: str, day: date) -> list[UnitKind]:
    keepers = rights_on(day).keepers.get(form, frozenset())
    return [
        kind
        for kind in unit_kinds()
        if kind.code_word is None
        and kind.kind in keepers
        and (kind.valid_from is None or kind.valid_from <= day)
        and (kind.valid_to is None or day < kind.valid_to)
    ]


def guards_of(action: str, day: date) -> frozenset[str]:
    """Return the guards that whoever holds the right to an action of ``actions.csv`` must meet, whatever it is about."""
    rows = rights_on(day).actions.get(action, ())
    return frozenset.intersection(*(frozenset(row["guard"]) for row in rows)) if rows else frozenset()


def nobody(action: str, form: str, day: date, owners: Iterable[str] = ()) -> Refused:
    """Return the refusal for a caller without any right: which right is missing, and who can hold it."""
    decision = may(Actor(Unit(""), ""), action, Target(form, owners=frozenset(owners)), day)
    assert isinstance(decision, Refused)
    return decision
