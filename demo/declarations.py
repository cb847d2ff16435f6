"""Targets, and what the agencies declared by hand: the published totals, and the police's figure by district."""

from collections import Counter
from datetime import date

from demo import COMMITTEE, PROVINCE
from demo.cast import COMMUNITY_STORIES, ELSEWHERE_STORIES, Cast
from demo.published import published
from demo.world import HEALTH_DAY, POLICE_DAY, YEAR_END, YEAR_START, Row, World

_TARGET = 180
_DECLARED_ON = {"police": date(2023, 12, 18), "health": date(2023, 12, 22), "labour": date(2024, 1, 4)}
_ADDICTS = "registry.addicts_with_file"
# Invented: the police count the methadone patients whom their own register names, and nobody else.
_PATIENTS, _PATIENTS_ON_THE_LIST = "methadone.active", 438


def write_targets(world: World) -> None:
    """Enter the year's target of the province and, as rows of their own, what each district was given of it."""
    weights = Counter[str]()
    for commune in world.province.communes:
        weights[commune.district] += commune.weight  # type: ignore[assignment]
    districts = sorted(weights, key=lambda code: -weights[code])
    total = sum(weights.values())
    shares = {code: int(_TARGET * weights[code] / total) for code in districts}
    for code in districts[: _TARGET - sum(shares.values())]:
        shares[code] += 1
    for code, value in ((PROVINCE, _TARGET), *sorted(shares.items())):
        row: Row = {
            "figure": "detox.compulsory_admitted",
            "area_code": code,
            "period_from": YEAR_START,
            "period_to": YEAR_END,
            "value": value,
            "recorded_on": date(2023, 1, 16),
            "unit_code": COMMITTEE,
        }
        world.write("targets", row)


def write_declared(world: World, cast: Cast) -> None:
    """Enter the declarations. Two districts are off by three, one each way: the sum hides it."""
    for line in published():
        if line.derived:
            continue
        row: Row = {
            "agency": line.agency,
            "figure": line.figure,
            "area_code": line.area_code,
            "as_of": line.as_of,
            "period_from": line.period_from,
            "period_to": line.period_to,
            "value": line.value,
            "source": "Báo cáo chuyên đề BCĐ 138 năm 2023, số 1/BC-BCĐ138 ngày 10/01/2024 (số, ngày minh họa)",
            "unit_code": COMMITTEE,
        }
        declared = max(_DECLARED_ON[line.agency], line.as_of or line.period_to or POLICE_DAY)
        world.write("declared", {**row, "declared_on": declared})
    world.write(
        "declared",
        {
            "agency": "police",
            "figure": _PATIENTS,
            "area_code": PROVINCE,
            "as_of": POLICE_DAY,
            "value": _PATIENTS_ON_THE_LIST,
            "declared_on": _DECLARED_ON["police"],
            "source": "Số minh họa: người bệnh methadone có trong sổ quản lý của công an, văn bản số 2/CV-CAT ngày 10/01/2024",
            "unit_code": COMMITTEE,
        },
    )
    addicts = cast.of(*COMMUNITY_STORIES, *ELSEWHERE_STORIES)
    counted = Counter(life.human.home.district for life in addicts)
    off = dict(zip(sorted(counted, key=lambda code: -counted[code])[1:3], (3, -3), strict=True))
    for district, count in sorted(counted.items()):
        world.write(
            "declared",
            {
                "agency": "police",
                "figure": _ADDICTS,
                "area_code": district,
                "as_of": POLICE_DAY,
                "value": count + off.get(district, 0),
                "declared_on": HEALTH_DAY,
                "source": "Báo cáo công an cấp huyện, số 3/BC-CAH ngày 10/01/2024 (số, ngày minh họa)",
                "unit_code": COMMITTEE,
            },
        )
