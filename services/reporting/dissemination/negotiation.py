"""Choose the format of an answer: the one named by ``format``, else the one that the ``Accept`` header prefers."""

from dataclasses import dataclass

from services.chassis.problems import Fault, Problem

JSON = "application/json"
SDMX_CSV = "application/vnd.sdmx.data+csv"
SDMX_CSV_VERSION = "2.0.0"


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name and the media type that it is sent as."""

    name: str
    media_type: str


_SDMX = Format("csv", f"{SDMX_CSV};version={SDMX_CSV_VERSION}")
NAMED = {
    "json": Format("json", JSON),
    "csv": _SDMX,
    "dhis2": Format("dhis2", JSON),
    "adx": Format("adx", "application/adx+xml"),
}
_PLAIN_CSV = Format("csv", "text/csv; charset=utf-8")
_ACCEPTED = {
    JSON: NAMED["json"],
    "text/csv": _PLAIN_CSV,
    SDMX_CSV: _SDMX,
    "application/adx+xml": NAMED["adx"],
    "application/xml+adx": Format("adx", "application/xml+adx"),
    "*/*": NAMED["json"],
    "application/*": NAMED["json"],
    "text/*": _PLAIN_CSV,
}
MEDIA_TYPES = (JSON, NAMED["csv"].media_type, "text/csv", NAMED["adx"].media_type)


def negotiate(named: str | None, accept: str | None) -> Format:
    """Return the format to answer in.

    Raises:
        Problem: 422, no format of that name; 406, ``Accept`` takes none that there is.
    """
    if named is not None:
        if named not in NAMED:
            raise Problem.invalid([Fault.of("format", named, "format_unknown", allowed=", ".join(NAMED))])
        plain = named == "csv" and accept is not None and accept.startswith("text/csv")
        return _PLAIN_CSV if plain else NAMED[named]
    for kind, parameters in _preferred(accept or "*/*"):
        version = parameters.get("version", SDMX_CSV_VERSION)
        if kind in _ACCEPTED and (kind != SDMX_CSV or version.startswith("2")):
            return _ACCEPTED[kind]
    raise Problem(406, "not_acceptable", allowed=", ".join(MEDIA_TYPES))


def _preferred(accept: str) -> list[tuple[str, dict[str, str]]]:
    """Return the media ranges of an Accept header, the most preferred first, without those with q=0."""
    found = []
    for part in accept.split(","):
        kind, *rest = (piece.strip() for piece in part.split(";"))
        parameters = {
            name.strip().lower(): value.strip().strip('"')
            for name, _, value in (one.partition("=") for one in rest)
        }
        try:
            weight = float(parameters.pop("q", "1"))
        except ValueError:
            weight = 0.0
        if weight > 0:
            found.append((weight, kind.lower(), parameters))
    # Sorted by weight only; the sort is stable, so equal ones keep the order of the header.
    return [(kind, parameters) for _, kind, parameters in sorted(found, key=lambda one: -one[0])]
