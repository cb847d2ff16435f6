"""Areas of the province that examples may name: in the interface's descriptions, in templates, in the command line's help."""

from functools import lru_cache

from reference.hierarchy import Area
from reference.pack.areas import area_book
from reference.pack.manifest import province


@lru_cache(maxsize=1)
def sample_district() -> Area:
    """Return the first district, by code, of the day of the reporting regions; the province where it has none."""
    book, of = area_book(), province()
    found = [area for area in book.children(of.area_uid, of.regions_on) if area.level == "district"]
    return found[0] if found else book.by_uid[of.area_uid]


@lru_cache(maxsize=1)
def sample_communes() -> list[Area]:
    """Return the communes of the sample district on that day, by code."""
    return area_book().communes(sample_district().uid, province().regions_on)
