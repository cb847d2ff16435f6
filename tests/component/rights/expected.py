"""Who may ask each route: a table derived by hand from the province's decision, never from the code that decides.

A row is a route and the name of a rule in `WHO`. A route that is not listed fails the matrix.
"""

from collections.abc import Iterator, Mapping

ROLES = ("clerk", "official", "analyst", "admin", "operator")
SITE, CAMP, STATION, NOBODY = "TT-00", "CSCN", "TYT-10513", "KHONG-CO"
UNITS: Mapping[str, str] = {
    "commune police": "police:10513",
    "district police": "police:288",
    "province police": "police:30",
    "health of a commune": "health:10513",
    "health of a district": "health:288",
    "health department": "health:30",
    "labour department": "labour:30",
    "committee of a commune": "committee:10513",
    "committee of a district": "committee:288",
    "committee": "committee:30",
    "site": SITE,
    "detox centre": CAMP,
    "station by its code": STATION,
    "unlisted facility": NOBODY,
}
"""Kind → a unit of it. The site determines and treats."""
Caller = tuple[str, str]
"""Role and kind."""


def each(roles: tuple[str, ...], kinds: Iterator[str] | tuple[str, ...] = tuple(UNITS)) -> frozenset[Caller]:
    """Return everybody in one of the roles at one of the kinds of unit."""
    return frozenset((role, kind) for kind in kinds for role in roles)


_HANDS, _WORKS = ("clerk",), ("clerk", "official")
_POLICE = ("commune police", "district police", "province police")
_COMMITTEES = ("committee of a commune", "committee of a district", "committee")
_PLACED = tuple(kind for kind in UNITS if kind != "unlisted facility")
WHO: Mapping[str, frozenset[Caller]] = {
    "everybody": each(ROLES),
    "operator": each(("operator",)),
    "operator or administrator": each(("operator", "admin")),
    "administrator": each(("admin",)),
    "statements": each(("official", "analyst", "admin")),
    "clerks": each(_HANDS),
    "clerks and officials": each(_WORKS),
    "clerks, officials and administrators": each((*_WORKS, "admin")),
    # Where a facility lies only the list of facilities says, and of one that it does not have nobody knows.
    "whoever lies somewhere": each(ROLES, _PLACED),
    "exact figures of some agency": each(_WORKS, _PLACED),
    "exact figures of the police": each(_WORKS, (*_POLICE, *_COMMITTEES)),
    # Labour, whose the detox centre is in 2024, is no party to what is compared between health and police.
    "parties of health and police": each(
        _WORKS, tuple(kind for kind in _PLACED if kind not in ("labour department", "detox centre"))
    ),
    # The lines of a list are those of the agency whose records they name, and with them what is marked on them.
    "readers of the police's reports": each(_WORKS, _POLICE),
    "writers of the commune's police report": each(_WORKS, ("commune police",)),
    "decides about pairs": each(_WORKS, ("commune police",))
    | each(_HANDS, ("district police", "province police")),
    "officials of the police": each(("official",), _POLICE),
    "officials of the committee": each(("official",), ("committee",)),
    "officials of health's calendar": each(("official",), ("health department",)),
    "officials of the police's calendar": each(("official",), ("province police",)),
    # Of the police's own periods only the police and the committees see who has handed in; the whole is counted for others.
    "hand-ins of the police": each(_WORKS, (*_POLICE, *_COMMITTEES))
    | each(("analyst", "admin"), ("province police", "health department", "labour department", "committee")),
}
EVERYWHERE: Mapping[str, str] = {
    "GET /v1/forms": "everybody",
    "GET /v1/forms/{form}": "everybody",
    "GET /v1/units": "everybody",
    "GET /v1/submission-key": "everybody",
    "GET /v1/progress": "everybody",
    "GET /v1/status": "operator or administrator",
    "GET /v1/dlq": "operator",
    "GET /v1/dlq/{number}": "operator",
    "POST /v1/dlq/{number}/retry": "operator",
    "POST /v1/dlq/{number}/discard": "operator",
    "POST /v1/dlq/{number}/erase": "operator",
    "POST /v1/consumers/{name}/resume": "operator",
    "GET /v1/consumers": "operator or administrator",
    "POST /v1/republish": "operator or administrator",
    "GET /v1/keys/fields": "operator or administrator",
    "POST /v1/keys/fields/rotate": "operator or administrator",
    "GET /v1/keys/linkage": "operator or administrator",
    "GET /v1/audit": "administrator",
    "GET /v1/audit/head": "administrator",
    "GET /v1/audit/questions": "administrator",
    "GET /v1/audit/looks": "clerks, officials and administrators",
    "POST /v1/audit/looks/{look}/questions": "everybody",
    "GET /v1/revoked-tokens": "administrator",
    "POST /v1/revoked-tokens": "administrator",
    "POST /v1/approvals": "everybody",
    "GET /v1/approvals": "everybody",
    "POST /v1/approvals/{approval}/decision": "everybody",
}
"""Routes that each service has, besides those that ask for a form's records (`KEEPERS`)."""
OPERATING: Mapping[str, str] = {
    "GET /operations/": "operator or administrator",
    "GET /operations/letters/{number}": "operator",
    "GET /operations/letters/{number}/retry": "operator",
    "POST /operations/letters/{number}/retry": "operator",
    "GET /operations/letters/{number}/discard": "operator",
    "POST /operations/letters/{number}/discard": "operator",
    "GET /operations/consumers/{name}/resume": "operator",
    "POST /operations/consumers/{name}/resume": "operator",
}
"""The pages with which operators run a service, below its name."""
LINKING: Mapping[str, str] = {
    "POST /v1/keys/linkage/rotate": "operator or administrator",
    # Asked for a record that there is not: 404 to whoever reads rows. Of one that there is, its unit and those above are told.
    "GET /v1/records/{record}": "clerks and officials",
    "POST /v1/records/{record}/withdrawal": "clerks and officials",
    "POST /v1/records/search": "clerks and officials",
    "POST /v1/records/named": "clerks and officials",
    "POST /v1/statements": "clerks and officials",
    # Of the caller's own unit; values of records are read by clerks alone.
    "GET /v1/duties": "clerks",
    # Of units whose records the caller reads or counts; an official who counts none is told none.
    "GET /v1/duties/units": "clerks and officials",
    "GET /v1/duties.csv": "clerks",
    "GET /v1/duties.ics": "clerks",
}
"""Routes of the services whose forms hold identity, which are those whose registers are handed in by periods."""
DESK: Mapping[str, str] = {
    "GET /": "everybody",
    "GET /forms/{form}/new": "everybody",
    # It writes nothing, and tells nothing but which areas, facilities and numbers of clinicians there are on a day.
    "POST /forms/{form}/fill": "everybody",
    "GET /forms/{form}/paste": "everybody",
    # Sent blank; with rows it is decided as the hand-in is. A preview is its owner's: asked for one that there is not.
    "POST /forms/{form}/paste": "everybody",
    "GET /previews/{preview}": "everybody",
    "POST /previews/{preview}/check": "everybody",
    "POST /previews/{preview}/confirm": "everybody",
    "POST /previews/{preview}/discard": "everybody",
    "POST /previews/{preview}/rest": "everybody",
    "GET /forms/{form}/records": "clerks and officials",
    # Asked for a form that there is not; who states is held by the tests of what a unit owes.
    "GET /forms/{form}/statement": "everybody",
    "POST /forms/{form}/statement": "everybody",
    "GET /forms/{form}/print": "clerks and officials",
    "GET /duties": "clerks",
    "GET /duties/units": "clerks and officials",
    "GET /duties.csv": "clerks",
    "GET /duties.ics": "clerks",
    "GET /records/{record}/print": "clerks and officials",
    "POST /search": "clerks and officials",
    # Asked for a record that there is not, as on the interface.
    "GET /records/{record}": "clerks and officials",
    "GET /records/{record}/correct": "clerks and officials",
    "POST /records/{record}/correct": "clerks and officials",
    "POST /records/{record}/draft": "clerks and officials",
    # Of the caller's own drafts.
    "POST /drafts/{draft}/discard": "everybody",
    "POST /records/{record}/withdraw": "clerks and officials",
    "POST /records/{record}/restore": "clerks and officials",
}
"""Pages of a service with registers, below its name, besides those that hand a row in and keep a draft of one (`KEEPERS`)."""
DESK_OF_FORM = "POST /{service}/forms/{form}/new"
DRAFT_OF_FORM = "POST /{service}/forms/{form}/draft"
REGISTRY: Mapping[str, str] = {
    "GET /v1/persons/{ref}": "clerks and officials",
    "GET /v1/persons/{ref}/timeline": "clerks and officials",
    # Without a purpose the page asks for one and looks nothing up.
    "GET /registry/persons/{ref}": "everybody",
    # Of a pair that there is not: 404 to whoever decides about pairs at all.
    "GET /v1/review": "decides about pairs",
    "GET /v1/review/{pair}": "decides about pairs",
    "POST /v1/review/{pair}/decision": "decides about pairs",
    "POST /v1/review/{pair}/undo": "decides about pairs",
    **LINKING,
}
REPORTING: Mapping[str, str] = {
    "GET /v1/figures": "everybody",
    "GET /v1/calendars": "everybody",
    "GET /v1/rule-sets": "everybody",
    "GET /v1/areas": "everybody",
    "GET /v1/reports": "everybody",
    "GET /v1/figures/{code}": "whoever lies somewhere",
    "GET /v1/figures/{code}/overlap": "exact figures of the police",
    "GET /v1/figures/{code}/sql": "statements",
    "GET /v1/data/{figures}": "everybody",
    "GET /v1/reports/{name}.{format}": "everybody",
    "GET /v1/reports/{report}/composition": "readers of the police's reports",
    # What is written; who sends up, approves and returns is held by the tests of composed reports.
    "POST /v1/reports/{report}/composition": "writers of the commune's police report",
    "GET /v1/compositions": "everybody",
    "POST /v1/rebuild": "operator or administrator",
    "GET /v1/rebuild": "operator or administrator",
    "POST /v1/keys/linkage/hold": "operator or administrator",
    "POST /v1/keys/linkage/rebuild": "operator or administrator",
    "POST /v1/keys/linkage/forget": "operator or administrator",
    "GET /v1/checks": "exact figures of some agency",
    "GET /v1/checks/{rule}": "parties of health and police",
    "GET /v1/checks/{rule}/sql": "statements",
    "GET /v1/checks/{rule}/marks": "officials of the police",
    "POST /v1/checks/{rule}/marks": "officials of the police",
    "POST /v1/table-checks": "everybody",
    "GET /v1/reconciliations": "everybody",
    "GET /v1/reconciliations/{figure}": "everybody",
    "POST /v1/reconciliations/{figure}/marks": "officials of the police",
    "GET /v1/follows": "everybody",
    "POST /v1/follows": "exact figures of the police",
    "DELETE /v1/follows/{follow}": "everybody",
    "GET /v1/ledger": "hand-ins of the police",
    "GET /v1/reminders": "clerks and officials",
    # Each line of the page says by itself what its reader may see.
    "GET /reporting/": "everybody",
    "GET /reporting/figures/{figure}": "everybody",
    "GET /reporting/figures/{figure}/map": "everybody",
    "GET /reporting/figures/{figure}/sql": "statements",
    "GET /reporting/figures/{figure}/growth": "exact figures of the police",
    # Of the file there is no part without a number: whom the number is not told, the file is refused.
    "GET /reporting/figures/{figure}.csv": "whoever lies somewhere",
    "GET /reporting/hand-in": "hand-ins of the police",
    "GET /reporting/rules/": "everybody",
    "GET /reporting/rules/{table}": "everybody",
    "GET /reporting/rules/days_off/changes": "administrator",
    "POST /reporting/rules/days_off/changes": "administrator",
    "GET /reporting/rules/days_off/changes/{amendment}": "administrator",
    "POST /reporting/rules/days_off/changes/{amendment}": "administrator",
    "GET /v1/amendments": "administrator",
    "POST /v1/amendments": "administrator",
    "GET /v1/amendments/{amendment}": "administrator",
    "POST /v1/amendments/{amendment}/decision": "administrator",
    "GET /reporting/operations/rebuild": "operator or administrator",
    "POST /reporting/operations/rebuild": "operator or administrator",
    "GET /reporting/checks": "exact figures of some agency",
    "GET /reporting/checks/{rule}": "parties of health and police",
    "GET /reporting/checks/{rule}/line": "officials of the police",
    "POST /reporting/checks/{rule}/line": "officials of the police",
    # Lines of the page that the reader may not see exactly are left out; of a number that nobody declared there is no way (404).
    "GET /reporting/reconciliation": "everybody",
    "GET /reporting/reconciliation/{figure}": "exact figures of the police",
    "GET /reporting/reconciliation/{figure}/minutes": "exact figures of the police",
    "GET /reporting/reconciliation/{figure}/line": "officials of the police",
    "POST /reporting/reconciliation/{figure}/line": "officials of the police",
    "GET /reporting/closing": "exact figures of some agency",
    "GET /reporting/closing/preview": "officials of the committee",
    "POST /reporting/closing/close": "officials of the committee",
    # Whoever looks up a printed hash is told of closings what their list says to everybody.
    "GET /reporting/closing/verify": "everybody",
    "POST /reporting/closing/verify": "everybody",
    "GET /reporting/closing/{closing_id}": "everybody",
    "GET /reporting/closing/{closing_id}/document.json": "everybody",
    "GET /reporting/closing/{closing_id}/compare": "everybody",
    "GET /reporting/closing/{closing_id}/changes": "everybody",
    "POST /reporting/closing/{closing_id}/editions": "everybody",
    "POST /reporting/closing/{closing_id}/publications": "everybody",
    # The list has what its reader may open; a report printed for whoever reads no texts has none.
    "GET /reporting/reports": "everybody",
    "GET /reporting/reports/{report}.{format}": "everybody",
    "GET /reporting/reports/{report}": "readers of the police's reports",
    "POST /reporting/reports/{report}": "writers of the commune's police report",
    "GET /v1/closings": "everybody",
    "GET /v1/closings/key": "everybody",
    "GET /v1/closings/chain": "everybody",
    "POST /v1/closings": "officials of the committee",
    "GET /v1/closings/{closing_id}": "everybody",
    "GET /v1/closings/{closing_id}/replay": "everybody",
    "POST /v1/closings/{closing_id}/editions": "everybody",
    "POST /v1/closings/{closing_id}/publications": "everybody",
    "GET /v1/closings/{closing_id}/revisions": "everybody",
    "POST /v1/closings/{closing_id}/revisions": "everybody",
}
"""Those of a closing are asked for one that there is not: 404 to everybody, which tells nothing. Of one that there is they
are held by the tests of closings."""
CALENDARS: Mapping[str, tuple[str, str]] = {
    "civil": ("annual", "officials of the committee"),
    "committee": ("annual", "officials of the committee"),
    "health": ("health", "officials of health's calendar"),
    "police": ("police", "officials of the police's calendar"),
}
"""Calendar → a set of figures of the whole province, and who closes a period of it."""
FORM_ROUTES = frozenset(
    {
        "POST /v1/forms/{form}",
        "POST /v1/forms/{form}/records",
        "GET /v1/forms/{form}/records",
        "POST /v1/forms/{form}/matches",
        "POST /v1/forms/{form}/matches/marks",
    }
)
_INCIDENTS = ("commune police", "district police", "province police")
KEEPERS: Mapping[str, tuple[str, ...]] = {
    "registry": ("commune police",),
    "determination": ("site",),
    "methadone": ("site",),
    "doses": ("site",),
    "detox": (
        "detox centre", "health of a commune", "station by its code", "committee of a commune",
    ),
    "post_detox": ("detox centre", "commune police", "committee of a commune"),
    "facilities": ("health department", "labour department"),
    "clinicians": ("health department", "labour department"),
    **dict.fromkeys(("fires", "drug_cases", "arrests", "conflicts", "places"), _INCIDENTS),
    "area_classes": ("district police", "province police"),
}  # fmt: skip
"""Form → whose clerks hand in rows for their own unit, in December 2024. Targets and declarations are decided by their row."""
FOR_OTHERS: Mapping[str, tuple[str, ...]] = {
    "registry": ("district police", "province police"),
    "determination": ("health department",),
    "methadone": ("health department",),
    "detox": ("labour department",),
    "post_detox": ("labour department",),
}
"""Form → whose clerks hand in rows for units below alone, in December 2024: of a draft the unit may not be typed yet."""
BY_ROW = frozenset({"targets", "declared"})
OWN = "own"
"""A record whose unit the caller learns: its rows are the caller's to know."""
_OF_METHADONE, _OF_SLIP = "enrolled", "conclusion day"
_OF_DETOX, _OF_ARREST = "admitted stage", "arrested"
_LISTED = "listed status"
_ABOVE_POLICE = each(_WORKS, ("district police", "province police"))
LOOKED_UP: Mapping[str, Mapping[Caller, Mapping[str, str]]] = {
    # The row of the police register itself: its commune, and the offices above it, who know its rows.
    "registry": {
        ("clerk", "commune police"): {
            "registry": OWN, "methadone": _OF_METHADONE, "determination": _OF_SLIP, "detox": _OF_DETOX,
            "arrests": _OF_ARREST,
        },
        # An official has no rows of the own unit, and learns of others what its clerk does.
        ("official", "commune police"): {
            "methadone": _OF_METHADONE, "determination": _OF_SLIP, "detox": _OF_DETOX, "arrests": _OF_ARREST,
        },
        **{caller: {"registry": OWN} for caller in _ABOVE_POLICE},
        # The arrest is the province police's own row.
        ("clerk", "province police"): {"registry": OWN, "arrests": OWN},
        # Who treats the person learns that he is listed.
        ("clerk", "site"): {"registry": _LISTED, "methadone": OWN, "determination": OWN},
        ("official", "site"): {"registry": _LISTED},
        ("clerk", "detox centre"): {"registry": _LISTED, "detox": OWN},
        ("official", "detox centre"): {"registry": _LISTED},
    },
}  # fmt: skip
"""Record asked for → caller → form → what is learned of it. Whoever is not named gets 403 (`WHO`), or 404 as for nobody."""
READ: Mapping[Caller, frozenset[str]] = {
    # A clerk of the commune reads the own rows: of a minor without the name. Its official reads who the minor is, and no other row.
    ("clerk", "commune police"): frozenset({"adult", "row of the minor"}),
    ("official", "commune police"): frozenset({"minor", "row of the minor"}),
    # An office above reads, with a purpose (and an official with a fresh sign-in), who adults are; its clerk reads other values, too.
    **{
        caller: frozenset({"adult", *(["row of the minor"] if caller[0] == "clerk" else [])})
        for caller in _ABOVE_POLICE
    },
}
"""What of an adult and of somebody under 18 on the commune's register each caller reads, with a purpose and a fresh sign-in."""
MATCHED: Mapping[Caller, bool] = {
    ("clerk", "commune police"): True,
    **dict.fromkeys(_ABOVE_POLICE, True),
}
"""Who may hold a list against the commune's register of users, with a purpose and a fresh sign-in; True: by name, too."""
