"""The one definition of cells in SQL: rows of spells and facts → pieces → what each piece adds to which node when.

Filling takes every row, keeping current takes the rows of some *holders* before and after, and a question takes those
of the holders that are still to be worked in: the same text each time. A holder is the human being whom a row is
about, or the record itself where it is about nobody. Everything is about what is known now.
"""

from collections.abc import Collection

from services.reporting.facts import FOREVER, OPEN_END
from services.reporting.figures.aggregates.places import FACILITY_NODE, torn
from services.reporting.figures.aggregates.series import SERIES, Series
from services.reporting.figures.aggregates.slots import BLOCK, DAY, MONTH, YEAR

_NOW = f"known_to = '{FOREVER.isoformat()}'"
_END = f"date '{OPEN_END.isoformat()}'"
_ADDRESSES = "('slip', 'arrest', 'methadone_entered', 'detox_admitted')"
ALL = tuple(SERIES.values())


def numbers(series: Collection[Series]) -> str:
    """The numbers of series, as an array in SQL."""
    return "'{" + ",".join(str(found.number) for found in series) + "}'::smallint[]"


def holders(mark: str) -> str:
    """Common table expressions: whose pieces may have changed when the references of ``mark`` (ref) were touched.

    A human being's name is one of their references, and a change of links marks every reference of all concerned.
    """
    return (
        f"holders AS (SELECT ref AS holder FROM {mark} UNION SELECT p.person FROM {mark} m"
        f" JOIN person p ON p.ref = m.ref AND p.{_NOW}),"
        " refs AS (SELECT h.holder, h.holder AS ref FROM holders h WHERE NOT EXISTS"
        f" (SELECT FROM person p WHERE p.ref = h.holder AND p.{_NOW})"
        f" UNION ALL SELECT p.person, p.ref FROM holders h JOIN person p ON p.person = h.holder AND p.{_NOW})"
    )


_COLUMNS = {
    "spell": "s.record_id, s.kind, s.code, s.area, s.facility, s.attrs, s.known_from, s.valid_from, s.valid_to",
    "fact": "s.record_id, s.kind, s.code, s.area, s.facility, s.attrs, s.known_from, s.occurred_on, s.reason",
}
_STATED = "x.presence, x.from_on, x.rank, x.stated_on, x.record_id"


def of_holders() -> str:
    """Common table expressions ``spells``, ``facts``, ``stated``: the rows of the holders."""
    found = [
        f"{table}s AS MATERIALIZED (SELECT r.holder, {columns} FROM refs r JOIN {table} s ON s.person_ref = r.ref"
        f" WHERE s.{_NOW} UNION ALL SELECT s.record_id, {columns} FROM holders h JOIN {table} s"
        f" ON s.record_id = h.holder WHERE s.person_ref IS NULL AND s.{_NOW})"
        for table, columns in _COLUMNS.items()
    ]
    found.append(
        f"stated AS MATERIALIZED (SELECT r.holder, {_STATED} FROM refs r"
        f" JOIN presence x ON x.person_ref = r.ref WHERE x.{_NOW})"
    )
    return ", ".join(found)


def of_all() -> str:
    """The same common table expressions for everybody."""
    found = [
        f"{table}s AS NOT MATERIALIZED (SELECT coalesce(p.person, s.person_ref, s.record_id) AS holder, {columns}"
        f" FROM {table} s LEFT JOIN person p ON p.ref = s.person_ref AND p.{_NOW} WHERE s.{_NOW})"
        for table, columns in _COLUMNS.items()
    ]
    found.append(
        f"stated AS NOT MATERIALIZED (SELECT coalesce(p.person, x.person_ref) AS holder, {_STATED}"
        f" FROM presence x LEFT JOIN person p ON p.ref = x.person_ref AND p.{_NOW} WHERE x.{_NOW})"
    )
    return ", ".join(found)


def pieces(series: Collection[Series]) -> str:
    """Common table expressions ending with ``fresh``: the pieces of the rows of ``spells``, ``facts`` and ``stated``."""
    stays = [found for found in series if found.kind == "stay"]
    events = [found for found in series if found.kind != "stay"]
    persons = [found for found in stays if found.personal]
    selects: list[str] = []
    if persons:
        raw = [_plain(kind, found) for kind, found in _by_kind(persons).items()]
        raw += [_joined(found) for found in persons if found.definition.present or found.definition.concluded]
        selects.append(_followed(" UNION ALL ".join(part for part in raw if part)))
    for kind, found in _by_kind([found for found in stays if not found.personal]).items():
        selects.append(f"SELECT st.*, 1::numeric FROM ({_plain(kind, found)}) st")
    for kind, found in _by_kind(events).items():
        selects.append(_events(kind, found))
    return f"{_presences(persons)}{_moves() if persons else ''}fresh (series, holder, place, since, until, n) AS ({' UNION ALL '.join(selects)})"


def _by_kind(series: Collection[Series]) -> dict[str, list[Series]]:
    found: dict[str, list[Series]] = {}
    for one in series:
        for kind in one.definition.kinds:
            found.setdefault(kind, []).append(one)
    return found


def _plain(kind: str, series: Collection[Series]) -> str:
    values = ", ".join(
        f"({found.number}::smallint, {found.where}, {found.since})"
        for found in series
        if not (found.definition.present or found.definition.concluded)
    )
    if not values:
        return ""
    return (
        "SELECT v.series, s.holder, s.area, v.since, s.valid_to AS until FROM spells s"
        f" CROSS JOIN LATERAL (VALUES {values}) v (series, counts, since)"
        f" WHERE s.kind = '{kind}' AND v.counts AND v.since < s.valid_to AND s.area IS NOT NULL"
    )


def _joined(found: Series) -> str:
    """Stays that count only while the person is somewhere, or only after a conclusion."""
    kinds = ", ".join(f"'{kind}'" for kind in found.definition.kinds)
    since, until, join = found.since, "s.valid_to", ""
    if found.definition.present is not None:
        join += f" JOIN present w ON w.holder = s.holder AND w.presence = '{found.definition.present}'"
        since, until = f"greatest({since}, w.since)", f"least({until}, w.until)"
    if found.definition.concluded:
        join += " JOIN concluded c ON c.holder = s.holder"
        since = f"greatest({since}, c.since)"
    return (
        f"SELECT {found.number}::smallint, s.holder, s.area, {since}, {until} FROM spells s{join}"
        f" WHERE s.kind IN ({kinds}) AND ({found.where}) AND {since} < {until} AND s.area IS NOT NULL"
    )


def _presences(stays: Collection[Series]) -> str:
    """Where each human being is from when until when; since when each is concluded to be addicted."""
    text = ""
    if any(found.definition.present is not None for found in stays):
        text += (
            "present AS (SELECT holder, presence, from_on AS since,"
            f" lead(from_on, 1, {_END}) OVER (PARTITION BY holder ORDER BY from_on) AS until"
            " FROM (SELECT DISTINCT ON (holder, from_on) holder, from_on, presence FROM stated"
            " ORDER BY holder, from_on, rank DESC, stated_on DESC, record_id DESC) x), "
        )
    if any(found.definition.concluded for found in stays):
        text += (
            "concluded AS (SELECT holder, min(occurred_on) AS since FROM facts"
            " WHERE kind = 'slip' AND code = 'addicted' GROUP BY holder), "
        )
    return text


def _moves() -> str:
    """Where a person of a divided commune lives from when on, as their addresses in its parts say; before, nowhere."""
    pairs = ", ".join(f"('{pair.uid}', '{pair.heir}', '{pair.place}')" for pair in torn())
    heirs = ", ".join(f"'{heir}'" for heir in sorted({pair.heir for pair in torn()}))
    if not pairs:
        pairs, heirs = "(NULL, NULL, NULL)", "NULL"
    return (
        f"torn AS (SELECT * FROM (VALUES {pairs}) AS t (uid, heir, place)),"
        " address AS (SELECT holder, area, valid_from AS since, known_from, record_id FROM spells"
        f" WHERE area IN ({heirs}) UNION ALL SELECT holder, area, occurred_on, known_from, record_id FROM facts"
        f" WHERE area IN ({heirs}) AND kind IN {_ADDRESSES}),"
        " settled AS MATERIALIZED (SELECT DISTINCT ON (a.holder, t.uid, a.since) a.holder, t.uid, a.since, t.place"
        " FROM address a JOIN torn t ON t.heir = a.area"
        " ORDER BY a.holder, t.uid, a.since, a.known_from DESC, a.record_id DESC),"
        " moves AS (SELECT holder, uid, place, since,"
        f" lead(since, 1, {_END}) OVER (PARTITION BY holder, uid ORDER BY since) AS until FROM settled"
        " UNION ALL SELECT holder, uid, uid, '-infinity', min(since) FROM settled GROUP BY holder, uid), "
    )


def _followed(raw: str) -> str:
    """The stays, cut where the person of a divided commune moves to one of its parts."""
    return (
        "SELECT s.series, s.holder, coalesce(m.place, s.area) AS place, greatest(s.since, coalesce(m.since, s.since))"
        f" AS since, least(s.until, coalesce(m.until, s.until)) AS until, 1::numeric AS n FROM ({raw}) s"
        " (series, holder, area, since, until) LEFT JOIN moves m ON m.holder = s.holder AND m.uid = s.area"
        " AND m.since < s.until AND m.until > s.since"
    )


def _events(kind: str, series: Collection[Series]) -> str:
    values = ", ".join(
        f"({found.number}::smallint, {found.where}, {'s.facility' if found.by_facility else 's.area'},"
        f" {found.since}, {found.until}, ({found.amount})::numeric)"
        for found in series
    )
    return (
        "SELECT v.series, s.holder, v.place, v.since, v.until, v.n FROM facts s"
        f" CROSS JOIN LATERAL (VALUES {values}) v (series, counts, place, since, until, n)"
        f" WHERE s.kind = '{kind}' AND v.counts AND v.place IS NOT NULL AND v.n <> 0"
    )


def additions(piece: str, number: str = "numeric") -> str:
    """Common table expressions ``placed`` (series, node, day, n) and ``paired`` (series, node, earlier, day, n).

    ``number``: the type to add up in; "int" is several times as fast and enough where things are counted.
    ``piece``: (sign, series, holder, place, since, until, n), with ``sign`` 1 or -1. Overlapping stays of one human
    being count once: they are united per node. What a human being does again is paired with the time before.
    """
    stays = [found for found in ALL if found.kind == "stay"]
    personal_stays = numbers([found for found in stays if found.personal])
    personal_events = numbers([found for found in ALL if found.kind == "event" and found.personal])
    later = numbers([found for found in ALL if found.kind in ("leaving", "arriving")])
    arriving = numbers([found for found in ALL if found.kind == "arriving"])
    facilities = numbers([found for found in ALL if found.by_facility])
    all_stays = numbers(stays)
    return (
        "tangled AS (SELECT DISTINCT sign, series, holder FROM (SELECT sign, series, holder, since < max(until)"
        " OVER (PARTITION BY sign, series, holder ORDER BY since, until"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS again"
        f" FROM {piece} WHERE series = ANY({personal_stays})) w WHERE again),"
        # First added up per place, then given to the nodes: most rows end in few sums.
        f" daily AS (SELECT series, place, day, sum(n)::{number} AS n FROM ("
        f"SELECT x.series, x.place, d.day, d.n FROM {piece} x"
        " CROSS JOIN LATERAL (VALUES (x.since, x.sign * x.n), (x.until, -x.sign * x.n)) d (day, n)"
        f" WHERE x.series = ANY({all_stays}) AND d.day < {_END} AND NOT EXISTS (SELECT FROM tangled t"
        " WHERE t.sign = x.sign AND t.series = x.series AND t.holder = x.holder)"
        f" UNION ALL SELECT series, place, since, sign * n FROM {piece}"
        f" WHERE NOT series = ANY({all_stays}) AND NOT series = ANY({arriving})) d"
        " GROUP BY series, place, day HAVING sum(n) <> 0),"
        " united AS (SELECT x.sign, x.series, p.node, p.since, p.until,"
        " unnest(range_agg(daterange(x.since, x.until))) AS stay"
        f" FROM {piece} x JOIN tangled t USING (sign, series, holder) JOIN part p USING (place)"
        " GROUP BY x.sign, x.series, x.holder, p.node, p.since, p.until),"
        " placed AS (SELECT d.series, p.node,"
        f" CASE WHEN d.series = ANY({all_stays}) THEN greatest(d.day, p.since) ELSE d.day END AS day, d.n"
        " FROM daily d JOIN part p USING (place) WHERE d.day < p.until"
        " UNION ALL SELECT u.series, u.node, greatest(e.day, u.since), e.n FROM united u"
        " CROSS JOIN LATERAL (VALUES (lower(u.stay), u.sign), (upper(u.stay), -u.sign)) e (day, n)"
        " WHERE e.day < u.until"
        f" UNION ALL SELECT d.series, {FACILITY_NODE.format(place='f.place')}, d.day, d.n FROM daily d"
        f" CROSS JOIN LATERAL (VALUES (d.place), ('')) f (place) WHERE d.series = ANY({facilities})),"
        f" several AS (SELECT sign, series, holder FROM {piece} WHERE series = ANY({personal_events})"
        " GROUP BY sign, series, holder HAVING count(*) > 1),"
        " paired AS (SELECT series, node, earlier, day, sign AS n FROM (SELECT x.sign, x.series, p.node, x.since AS day,"
        " lag(x.since) OVER (PARTITION BY x.sign, x.series, x.holder, p.node ORDER BY x.since) AS earlier"
        f" FROM {piece} x JOIN several USING (sign, series, holder) JOIN part p USING (place) WHERE x.since < p.until) a"
        " WHERE earlier IS NOT NULL"
        f" UNION ALL SELECT x.series, p.node, x.since, greatest(x.since, x.until), x.sign * x.n FROM {piece} x"
        f" JOIN part p USING (place) WHERE x.series = ANY({later}) AND x.until IS NOT NULL AND x.since < p.until)"
    )


def cells(number: str = "numeric") -> str:
    """A query of (series, block, node, slot, n): ``placed`` by day, month and year."""
    by_day = f"SELECT series, node, day, sum(n)::{number} AS n FROM placed GROUP BY series, node, day HAVING sum(n) <> 0"
    return (
        f"SELECT x.series, {BLOCK.format('c.slot')} AS block, x.node, c.slot, sum(x.n)::{number} AS n"
        f" FROM ({by_day}) x CROSS JOIN LATERAL"
        f" (VALUES ({DAY.format('x.day')}), ({MONTH.format('x.day')}), ({YEAR.format('x.day')})) c (slot)"
        " GROUP BY x.series, x.node, c.slot HAVING sum(x.n) <> 0"
    )


def repeats(number: str = "numeric") -> str:
    """A query of (series, earlier_block, node, earlier, block, slot, n): ``paired`` by days and by months."""
    return (
        f"SELECT x.series, {BLOCK.format('c.earlier')} AS earlier_block, x.node, c.earlier,"
        f" {BLOCK.format('c.slot')} AS block, c.slot, sum(x.n)::{number} AS n FROM paired x CROSS JOIN LATERAL"
        f" (VALUES ({DAY.format('x.earlier')}, {DAY.format('x.day')}), ({MONTH.format('x.earlier')}, {MONTH.format('x.day')}))"
        " c (earlier, slot) GROUP BY x.series, x.node, c.earlier, c.slot HAVING sum(x.n) <> 0"
    )
