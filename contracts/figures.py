"""The catalogue of figures: what each is called, counts, and may be broken down by.

The API, the command line, targets, declarations and reports read the same list; how a figure is computed is
`reporting`'s business. Codes are a contract (`docs/figures.md`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.codes import CONFLICT_CAUSE, CONFLICT_STATUS

Kind = Literal["stock", "flow", "ratio"]
Owner = Literal["police", "health", "labour", "committee"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``dimensions`` are the values ``by`` takes besides ``area`` and ``commune``, which all take.

    ``owners`` lists who answers for it, from which day (None = always so far), latest first.
    """

    code: str
    vi: str
    en: str
    unit: str
    kind: Kind
    owners: tuple[tuple[date | None, Owner], ...]
    dimensions: tuple[str, ...] = ()
    numerator: str | None = None
    denominator: str | None = None

    def owner_on(self, day: date) -> Owner:
        """The agency that answers for the figure on the day."""
        return next(owner for since, owner in self.owners if since is None or since <= day)


_POLICE: tuple[tuple[date | None, Owner], ...] = ((None, "police"),)
_HEALTH: tuple[tuple[date | None, Owner], ...] = ((None, "health"),)
# Detox moved from the labour department to the police on 1 March 2025.
_DETOX: tuple[tuple[date | None, Owner], ...] = ((date(2025, 3, 1), "police"), (None, "labour"))
_PERSON = ("sex", "age_band")
_CASE = ("offence", "venue", "substance", "outcome")
_FIRE = ("place", "cause")
_CONFLICT = ("level", "cause", "status", "outcome")


def _f(
    code: str,
    vi: str,
    en: str,
    unit: str,
    kind: Kind,
    owners: tuple[tuple[date | None, Owner], ...],
    dims: tuple[str, ...] = (),
    parts: tuple[str | None, str | None] = (None, None),
) -> Figure:
    return Figure(code, vi, en, unit, kind, owners, dims, *parts)


_ALL = [
    _f(
        "registry.addicts_with_file",
        "Người nghiện có hồ sơ quản lý",
        "addicts with file",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status", "presence"),
    ),
    _f(
        "registry.users",
        "Người sử dụng trái phép chất ma túy",
        "unlawful drug users",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status", "presence"),
    ),
    _f(
        "registry.post_detox",
        "Người đang quản lý sau cai",
        "persons in post-detox management",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status", "presence"),
    ),
    _f(
        "registry.suspected_addicts",
        "Người nghi nghiện",
        "suspected addicts",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status", "presence"),
    ),
    _f(
        "registry.suspected_users",
        "Người nghi sử dụng",
        "suspected users",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status", "presence"),
    ),
    _f(
        "registry.addicts_in_community",
        "Người nghiện có mặt tại cộng đồng",
        "addicts present in the community",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status"),
    ),
    _f(
        "registry.psychosis",
        "Người có biểu hiện loạn thần",
        "listed persons with psychosis",
        "person",
        "stock",
        _POLICE,
        (*_PERSON, "status"),
    ),
    _f(
        "registry.users_with_decision",
        "Người sử dụng có quyết định quản lý",
        "users with a management decision",
        "person",
        "stock",
        _POLICE,
        _PERSON,
    ),
    _f(
        "registry.addicts_with_slip",
        "Người nghiện có phiếu xác định",
        "addicts with an addicted conclusion",
        "person",
        "stock",
        _POLICE,
        _PERSON,
    ),
    _f(
        "registry.users_with_decision_pct",
        "Tỷ lệ người sử dụng có quyết định quản lý",
        "users with a decision, percent",
        "percent",
        "ratio",
        _POLICE,
        (),
        ("registry.users_with_decision", "registry.users"),
    ),
    _f(
        "registry.addicts_with_slip_pct",
        "Tỷ lệ người nghiện có phiếu xác định",
        "addicts with a slip, percent",
        "percent",
        "ratio",
        _POLICE,
        (),
        ("registry.addicts_with_slip", "registry.addicts_with_file"),
    ),
    _f(
        "determination.concluded",
        "Người được xác định tình trạng nghiện",
        "persons determined",
        "person",
        "flow",
        _HEALTH,
        (*_PERSON, "facility", "substance", "outcome"),
    ),
    _f(
        "determination.addicted",
        "Người được kết luận nghiện",
        "persons found addicted",
        "person",
        "flow",
        _HEALTH,
        (*_PERSON, "facility", "substance"),
    ),
    _f(
        "determination.not_addicted",
        "Người được kết luận không nghiện",
        "persons found not addicted",
        "person",
        "flow",
        _HEALTH,
        (*_PERSON, "facility", "substance"),
    ),
    _f(
        "determination.slips",
        "Phiếu xác định tình trạng nghiện",
        "determination slips",
        "slip",
        "flow",
        _HEALTH,
        (*_PERSON, "facility", "substance", "outcome"),
    ),
    _f(
        "determination.facilities",
        "Cơ sở đủ điều kiện xác định",
        "facilities that determine",
        "facility",
        "stock",
        _HEALTH,
        ("level", "facility"),
    ),
    _f(
        "methadone.sites",
        "Cơ sở điều trị methadone",
        "methadone sites",
        "facility",
        "stock",
        _HEALTH,
        ("level", "facility"),
    ),
    _f(
        "methadone.active",
        "Người bệnh đang điều trị methadone",
        "methadone patients",
        "person",
        "stock",
        _HEALTH,
        (*_PERSON, "facility"),
    ),
    _f(
        "methadone.entered",
        "Người vào điều trị methadone",
        "persons entering methadone treatment",
        "person",
        "flow",
        _HEALTH,
        (*_PERSON, "facility"),
    ),
    _f(
        "methadone.left",
        "Người ra khỏi điều trị methadone",
        "persons leaving methadone treatment",
        "person",
        "flow",
        _HEALTH,
        (*_PERSON, "facility", "end_reason"),
    ),
    _f(
        "methadone.doses",
        "Liều methadone đã cấp",
        "methadone doses",
        "dose",
        "flow",
        _HEALTH,
        ("facility", "kind"),
    ),
    _f(
        "detox.compulsory_admitted",
        "Người được đưa vào cai nghiện bắt buộc",
        "persons admitted to compulsory detox",
        "person",
        "flow",
        _DETOX,
        (*_PERSON, "facility"),
    ),
    _f(
        "detox.voluntary_facility_admitted",
        "Người cai nghiện tự nguyện tại cơ sở",
        "persons admitted to voluntary facility detox",
        "person",
        "flow",
        _DETOX,
        (*_PERSON, "facility"),
    ),
    _f(
        "detox.voluntary_home_admitted",
        "Người cai nghiện tự nguyện tại gia đình, cộng đồng",
        "persons entering home detox",
        "person",
        "flow",
        _DETOX,
        (*_PERSON, "facility"),
    ),
    _f(
        "detox.in_facility",
        "Người đang cai nghiện tại cơ sở",
        "persons in a detox facility",
        "person",
        "stock",
        _DETOX,
        (*_PERSON, "facility", "kind"),
    ),
    _f(
        "detox.compulsory_target",
        "Chỉ tiêu cai nghiện bắt buộc",
        "target for compulsory detox",
        "person",
        "flow",
        _DETOX,
    ),
    _f(
        "detox.compulsory_target_pct",
        "Tỷ lệ thực hiện chỉ tiêu cai nghiện bắt buộc",
        "compulsory detox against target, percent",
        "percent",
        "ratio",
        _DETOX,
        (),
        ("detox.compulsory_admitted", "detox.compulsory_target"),
    ),
    _f(
        "drug_cases.detected",
        "Vụ việc về ma túy phát hiện",
        "drug cases detected",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f("drug_cases.prosecuted", "Vụ khởi tố", "drug cases prosecuted", "case", "flow", _POLICE, _CASE),
    _f(
        "drug_cases.administrative",
        "Vụ xử phạt hành chính",
        "drug cases fined",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.without_outcome",
        "Vụ chưa có kết quả xử lý",
        "drug cases without outcome",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.disguised_drug",
        "Vụ ma túy núp bóng",
        "cases of disguised drugs",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.by_air_or_post",
        "Vụ qua đường hàng không, bưu chính",
        "cases by air or post",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.seized_grams_by_air_or_post",
        "Gam thu giữ qua đường hàng không, bưu chính",
        "grams seized by air or post",
        "gram",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.organising_or_harbouring",
        "Vụ tổ chức, chứa chấp sử dụng",
        "organising or harbouring use",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.organising_or_harbouring_at_conditional_business",
        "Vụ tổ chức, chứa chấp tại cơ sở kinh doanh có điều kiện",
        "organising or harbouring at conditional businesses",
        "case",
        "flow",
        _POLICE,
        _CASE,
    ),
    _f(
        "drug_cases.subjects", "Đối tượng trong các vụ", "subjects in cases", "person", "flow", _POLICE, _CASE
    ),
    _f("drug_cases.accused", "Bị can", "accused persons", "person", "flow", _POLICE, _CASE),
    _f("drug_cases.seized_grams", "Gam ma túy thu giữ", "grams seized", "gram", "flow", _POLICE, _CASE),
    _f(
        "arrests.persons",
        "Người bị bắt",
        "persons arrested",
        "person",
        "flow",
        _POLICE,
        (*_PERSON, "outcome"),
    ),
    _f("fires.cases", "Vụ cháy", "fires", "case", "flow", _POLICE, _FIRE),
    _f("fires.deaths", "Người chết do cháy", "deaths in fires", "person", "flow", _POLICE, _FIRE),
    _f("fires.injured", "Người bị thương do cháy", "injured in fires", "person", "flow", _POLICE, _FIRE),
    _f("fires.rescued", "Người được cứu", "rescued", "person", "flow", _POLICE, _FIRE),
    _f("fires.damage_vnd", "Thiệt hại do cháy", "damage by fires", "vnd", "flow", _POLICE, _FIRE),
    _f("conflicts.detected", "Vụ mâu thuẫn", "conflicts detected", "case", "flow", _POLICE, _CONFLICT),
    _f(
        "conflicts.parties",
        "Người liên quan mâu thuẫn",
        "people involved in conflicts",
        "person",
        "flow",
        _POLICE,
        _CONFLICT,
    ),
    *(
        _f(
            f"conflicts.level.{n}",
            f"Mâu thuẫn mức độ {n}",
            f"conflicts of level {n}",
            "case",
            "flow",
            _POLICE,
            _CONFLICT,
        )
        for n in (1, 2, 3)
    ),
    *(
        _f(
            f"conflicts.cause.{code}",
            f"Mâu thuẫn do: {vi}",
            f"conflicts caused by {code}",
            "case",
            "flow",
            _POLICE,
            _CONFLICT,
        )
        for code, vi in CONFLICT_CAUSE.items()
    ),
    _f(
        "conflicts.cause.not_land_or_daily_life",
        "Mâu thuẫn do nguyên nhân ngoài đất đai, sinh hoạt",
        "conflicts not about land or daily life",
        "case",
        "flow",
        _POLICE,
        _CONFLICT,
    ),
    *(
        _f(
            f"conflicts.status.{code}",
            f"Mâu thuẫn: {vi}",
            f"conflicts {code}",
            "case",
            "flow",
            _POLICE,
            _CONFLICT,
        )
        for code, vi in CONFLICT_STATUS.items()
    ),
    _f("conflicts.prolonged", "Mâu thuẫn kéo dài", "prolonged conflicts", "case", "flow", _POLICE, _CONFLICT),
    _f("venues.watched", "Cơ sở theo dõi", "watched venues", "place", "stock", _POLICE, ("kind",)),
    *(
        _f(
            f"venues.at_risk.{code}",
            f"Cơ sở có nguy cơ: {vi}",
            f"venues at risk: {code}",
            "place",
            "stock",
            _POLICE,
        )
        for code, vi in (
            ("conditional_business", "kinh doanh có điều kiện"),
            ("disguised_business", "núp bóng"),
            ("lodging", "lưu trú"),
            ("other", "khác"),
        )
    ),
    _f("hot_spots.open", "Điểm, tụ điểm đang hoạt động", "open hot spots", "place", "stock", _POLICE),
    _f(
        "hot_spots.eliminated", "Điểm, tụ điểm đã triệt xóa", "hot spots eliminated", "place", "flow", _POLICE
    ),
    _f(
        "areas.with_drug_problem",
        "Xã, phường, thị trấn có tệ nạn ma túy",
        "communes with a drug problem",
        "commune",
        "stock",
        _POLICE,
    ),
    _f(
        "areas.without_drug_problem",
        "Xã, phường, thị trấn không có tệ nạn ma túy",
        "communes without a drug problem",
        "commune",
        "stock",
        _POLICE,
    ),
    _f("areas.drug_hot", "Địa bàn trọng điểm về ma túy", "hot communes", "commune", "stock", _POLICE),
    _f("areas.risk.high", "Địa bàn phức tạp", "communes of high risk", "commune", "stock", _POLICE),
    _f("areas.risk.at_risk", "Địa bàn tiềm ẩn", "communes at risk", "commune", "stock", _POLICE),
    _f("areas.risk.low", "Địa bàn ít phức tạp", "communes of low risk", "commune", "stock", _POLICE),
    _f(
        "areas.risk.unclassified",
        "Địa bàn chưa phân loại",
        "communes not classified",
        "commune",
        "stock",
        _POLICE,
    ),
]

FIGURES: dict[str, Figure] = {figure.code: figure for figure in _ALL}
