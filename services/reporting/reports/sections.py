"""The fields of the committee's reports: prose and tables, as data. No number stands here but through a figure."""

from contracts.codes import CONFLICT_CAUSE, FACILITY_LEVEL, FIRE_CAUSE, FIRE_PLACE, METHADONE_END, OFFENCE
from services.reporting.reports.parts import Areas, Breakdown, Head, Indicators, Line, Prose, Section

# Bases of shares that are sums of figures: all communes; conflicts that are not settled for good.
_COMMUNES = "areas.with_drug_problem+areas.without_drug_problem"
_UNSETTLED = "conflicts.status.resolved_unstable+conflicts.status.in_progress"
_TREATMENT_COLUMNS = (
    ("determination.concluded", "Xác định tình trạng nghiện"),
    ("determination.addicted", "Kết luận nghiện"),
    ("determination.not_addicted", "Kết luận không nghiện"),
    ("methadone.active", "Đang điều trị methadone"),
    ("methadone.entered", "Vào điều trị"),
    ("methadone.left", "Ra khỏi điều trị"),
)
TREATMENT = Section(
    "Công tác xác định tình trạng nghiện và điều trị nghiện",
    (
        Head("Xác định tình trạng nghiện ma túy"),
        Prose(
            "{determination.facilities|when}, có {determination.facilities} cơ sở y tế đủ điều kiện xác định tình trạng"
            " nghiện ma túy. {determination.concluded|when}, các cơ sở đã xác định cho {determination.concluded} người"
            "{determination.concluded|change}; trong đó kết luận nghiện {determination.addicted} người"
            " ({determination.addicted|of=determination.concluded}), không nghiện {determination.not_addicted} người"
            " ({determination.not_addicted|of=determination.concluded})."
        ),
        Breakdown(
            "determination-facilities",
            "Cơ sở đủ điều kiện xác định tình trạng nghiện theo tuyến",
            "level",
            (("determination.facilities", "Số cơ sở"),),
            FACILITY_LEVEL,
            "Tuyến",
        ),
        Head("Điều trị nghiện các chất dạng thuốc phiện bằng methadone"),
        Prose(
            "{methadone.active|when}, có {methadone.sites} cơ sở điều trị methadone, đang điều trị cho"
            " {methadone.active} người bệnh{methadone.active|change}. {methadone.entered|when}, có {methadone.entered}"
            " lượt người vào điều trị và {methadone.left} người ra khỏi điều trị."
        ),
        Indicators(
            "treatment",
            "Kết quả xác định tình trạng nghiện và điều trị methadone",
            (
                Line("determination.facilities"),
                Line("determination.concluded"),
                Line("determination.addicted", "determination.concluded", sub=True),
                Line("determination.not_addicted", "determination.concluded", sub=True),
                Line("determination.slips"),
                Line("methadone.sites"),
                Line("methadone.active"),
                Line("methadone.entered"),
                Line("methadone.left"),
            ),
        ),
        Breakdown(
            "methadone-left",
            "Người ra khỏi điều trị methadone theo lý do",
            "end_reason",
            (("methadone.left", "Số người"),),
            METHADONE_END,
            "Lý do",
        ),
        Areas(
            "treatment-areas",
            "Xác định tình trạng nghiện và điều trị methadone theo địa bàn",
            _TREATMENT_COLUMNS,
        ),
    ),
    Areas(
        "treatment-communes",
        "Xác định tình trạng nghiện và điều trị methadone theo xã, phường, thị trấn",
        _TREATMENT_COLUMNS,
        "commune",
    ),
    "methadone.active",
)
_DETOX_COLUMNS = (
    ("detox.compulsory_admitted", "Cai nghiện bắt buộc"),
    ("detox.compulsory_target", "Chỉ tiêu giao"),
    ("detox.compulsory_target_pct", "Tỷ lệ (%)"),
    ("detox.voluntary_facility_admitted", "Tự nguyện tại cơ sở"),
    ("detox.voluntary_home_admitted", "Tự nguyện tại gia đình, cộng đồng"),
    ("detox.in_facility", "Đang ở cơ sở"),
)
DETOX = Section(
    "Công tác cai nghiện ma túy",
    (
        Prose(
            "{detox.compulsory_admitted|when}, đã đưa {detox.compulsory_admitted} người vào cai nghiện bắt buộc"
            "{detox.compulsory_admitted|change}[; chỉ tiêu giao là {detox.compulsory_target} người, tỷ lệ thực hiện"
            " {detox.compulsory_admitted|of=detox.compulsory_target}]. Có {detox.voluntary_facility_admitted} người cai"
            " nghiện tự nguyện tại cơ sở và {detox.voluntary_home_admitted} người cai nghiện tự nguyện tại gia đình,"
            " cộng đồng. {detox.in_facility|when}, có {detox.in_facility} người đang cai nghiện tại cơ sở."
        ),
        Indicators(
            "detox",
            "Kết quả cai nghiện ma túy",
            (
                Line("detox.compulsory_target"),
                Line("detox.compulsory_admitted", "detox.compulsory_target"),
                Line("detox.voluntary_facility_admitted"),
                Line("detox.voluntary_home_admitted"),
                Line("detox.in_facility"),
            ),
        ),
        Areas("detox-areas", "Cai nghiện ma túy theo địa bàn", _DETOX_COLUMNS),
    ),
    Areas("detox-communes", "Cai nghiện ma túy theo xã, phường, thị trấn", _DETOX_COLUMNS, "commune"),
    "detox.compulsory_admitted",
)
_DRUG_COLUMNS = (
    ("registry.addicts_with_file", "Người nghiện có hồ sơ"),
    ("registry.addicts_in_community", "Có mặt tại cộng đồng"),
    ("registry.users", "Người sử dụng trái phép"),
    ("registry.post_detox", "Quản lý sau cai"),
    ("drug_cases.detected", "Vụ phát hiện"),
    ("venues.watched", "Cơ sở theo dõi"),
    ("areas.with_drug_problem", "Xã có tệ nạn"),
)
DRUGS = Section(
    "Công tác phòng, chống ma túy",
    (
        Head("Người nghiện, người sử dụng trái phép chất ma túy"),
        Prose(
            "{registry.addicts_with_file|when}, có {registry.addicts_with_file} người nghiện ma túy có hồ sơ quản lý"
            "{registry.addicts_with_file|change}; trong đó {registry.addicts_in_community} người"
            " ({registry.addicts_in_community|of=registry.addicts_with_file}) có mặt tại cộng đồng,"
            " {registry.addicts_with_file|less=registry.addicts_in_community} người ở nơi khác hoặc chưa rõ."
            " Có {registry.users} người sử dụng trái phép chất ma túy, {registry.post_detox} người đang quản lý sau cai"
            " nghiện; {registry.psychosis} người có biểu hiện loạn thần."
        ),
        Prose(
            "Số người sử dụng trái phép đã có quyết định quản lý là {registry.users_with_decision} người"
            " ({registry.users_with_decision|of=registry.users}); số người nghiện có phiếu kết luận nghiện là"
            " {registry.addicts_with_slip} người ({registry.addicts_with_slip|of=registry.addicts_with_file})."
        ),
        Indicators(
            "people",
            "Người nghiện, người sử dụng trái phép chất ma túy",
            (
                Line("registry.addicts_with_file"),
                Line("registry.addicts_in_community", "registry.addicts_with_file", sub=True),
                Line("registry.addicts_with_slip", "registry.addicts_with_file", sub=True),
                Line("registry.users"),
                Line("registry.users_with_decision", "registry.users", sub=True),
                Line("registry.post_detox"),
                Line("registry.psychosis"),
            ),
        ),
        Head("Đấu tranh với tội phạm và vi phạm về ma túy"),
        Prose(
            "{drug_cases.detected|when}, phát hiện {drug_cases.detected} vụ, {drug_cases.subjects} đối tượng"
            "{drug_cases.detected|change}; khởi tố {drug_cases.prosecuted} vụ, {drug_cases.accused} bị can; xử phạt hành"
            " chính {drug_cases.administrative} vụ; {drug_cases.without_outcome} vụ chưa có kết quả xử lý. Trong số vụ"
            " phát hiện có {drug_cases.organising_or_harbouring} vụ tổ chức, chứa chấp việc sử dụng trái phép chất ma"
            " túy ({drug_cases.organising_or_harbouring_at_conditional_business} vụ tại cơ sở kinh doanh có điều kiện);"
            " {drug_cases.disguised_drug} vụ ma túy núp bóng; {drug_cases.by_air_or_post} vụ qua đường hàng không, bưu"
            " chính, thu giữ {drug_cases.seized_grams_by_air_or_post} gam."
        ),
        Indicators(
            "cases",
            "Kết quả đấu tranh với tội phạm và vi phạm về ma túy",
            (
                Line("drug_cases.detected"),
                Line("drug_cases.without_outcome", "drug_cases.detected", sub=True),
                Line("drug_cases.organising_or_harbouring", "drug_cases.detected", sub=True),
                Line(
                    "drug_cases.organising_or_harbouring_at_conditional_business",
                    "drug_cases.organising_or_harbouring",
                    sub=True,
                ),
                Line("drug_cases.disguised_drug", "drug_cases.detected", sub=True),
                Line("drug_cases.by_air_or_post", "drug_cases.detected", sub=True),
                Line("drug_cases.subjects"),
                Line("drug_cases.prosecuted"),
                Line("drug_cases.accused"),
                Line("drug_cases.administrative"),
                Line("drug_cases.seized_grams"),
                Line("drug_cases.seized_grams_by_air_or_post", "drug_cases.seized_grams", sub=True),
                Line("arrests.persons"),
            ),
        ),
        Breakdown(
            "offences",
            "Vụ phát hiện theo hành vi",
            "offence",
            (("drug_cases.detected", "Số vụ"), ("drug_cases.subjects", "Số đối tượng")),
            OFFENCE,
            "Hành vi",
        ),
        Head("Cơ sở, điểm, tụ điểm và địa bàn"),
        Prose(
            "{venues.watched|when}, có {venues.watched} cơ sở trong diện theo dõi; có nguy cơ:"
            " {venues.at_risk.conditional_business} cơ sở kinh doanh có điều kiện, {venues.at_risk.disguised_business}"
            " cơ sở núp bóng, {venues.at_risk.lodging} cơ sở lưu trú. {hot_spots.eliminated|when}, triệt xóa"
            " {hot_spots.eliminated} điểm, tụ điểm; còn {hot_spots.open} điểm, tụ điểm đang hoạt động."
        ),
        Prose(
            "{areas.with_drug_problem|when}, có {areas.with_drug_problem} xã, phường, thị trấn có tệ nạn ma túy;"
            " {areas.without_drug_problem} xã, phường, thị trấn không có; {areas.drug_hot} địa bàn trọng điểm về ma túy."
            " Phân loại về trật tự xã hội ({areas.risk.high|when}): {areas.risk.high} địa bàn phức tạp,"
            " {areas.risk.at_risk} tiềm ẩn, {areas.risk.low} ít phức tạp; {areas.risk.unclassified} địa bàn chưa được"
            " phân loại."
        ),
        Indicators(
            "places",
            "Cơ sở, điểm, tụ điểm và địa bàn",
            (
                Line("venues.watched"),
                Line("venues.at_risk.conditional_business", "venues.watched", sub=True),
                Line("venues.at_risk.disguised_business", "venues.watched", sub=True),
                Line("venues.at_risk.lodging", "venues.watched", sub=True),
                Line("venues.at_risk.other", "venues.watched", sub=True),
                Line("hot_spots.open"),
                Line("hot_spots.eliminated"),
                Line("areas.with_drug_problem", _COMMUNES),
                Line("areas.without_drug_problem", _COMMUNES),
                Line("areas.drug_hot", _COMMUNES),
                Line("areas.risk.high", _COMMUNES),
                Line("areas.risk.at_risk", _COMMUNES),
                Line("areas.risk.low", _COMMUNES),
                Line("areas.risk.unclassified", _COMMUNES),
            ),
        ),
        Areas("drugs-areas", "Phòng, chống ma túy theo địa bàn", _DRUG_COLUMNS),
    ),
    Areas("drugs-communes", "Phòng, chống ma túy theo xã, phường, thị trấn", _DRUG_COLUMNS[:-1], "commune"),
    "registry.addicts_with_file",
)
_FIRE_COLUMNS = (
    ("fires.cases", "Số vụ"),
    ("fires.deaths", "Chết (người)"),
    ("fires.injured", "Bị thương (người)"),
    ("fires.rescued", "Được cứu (người)"),
    ("fires.damage_vnd", "Thiệt hại (đồng)"),
)
FIRES = Section(
    "Công tác phòng cháy, chữa cháy và cứu nạn, cứu hộ",
    (
        Prose(
            "{fires.cases|when}, xảy ra {fires.cases} vụ cháy{fires.cases|change}; làm chết {fires.deaths} người, bị"
            " thương {fires.injured} người, {fires.rescued} người được cứu; thiệt hại về tài sản {fires.damage_vnd} đồng."
        ),
        Indicators("fires", "Tình hình cháy", tuple(Line(figure) for figure, _ in _FIRE_COLUMNS)),
        Breakdown(
            "fire-places",
            "Vụ cháy theo nơi xảy ra",
            "place",
            (("fires.cases", "Số vụ"), ("fires.damage_vnd", "Thiệt hại (đồng)")),
            FIRE_PLACE,
            "Nơi xảy ra",
        ),
        Breakdown(
            "fire-causes",
            "Vụ cháy theo nguyên nhân",
            "cause",
            (("fires.cases", "Số vụ"),),
            FIRE_CAUSE,
            "Nguyên nhân",
        ),
        Areas("fires-areas", "Tình hình cháy theo địa bàn", _FIRE_COLUMNS),
    ),
    Areas("fires-communes", "Tình hình cháy theo xã, phường, thị trấn", _FIRE_COLUMNS, "commune"),
    "fires.cases",
)
_CONFLICT_COLUMNS = (
    ("conflicts.detected", "Số vụ"),
    ("conflicts.parties", "Người liên quan"),
    ("conflicts.level.1", "Mức độ 1"),
    ("conflicts.level.2", "Mức độ 2"),
    ("conflicts.level.3", "Mức độ 3"),
    ("conflicts.status.resolved_stable", "Giải quyết ổn định"),
    ("conflicts.prolonged", "Kéo dài"),
)
CONFLICTS = Section(
    "Công tác giải quyết mâu thuẫn trong nội bộ nhân dân",
    (
        Prose(
            "{conflicts.detected|when}, phát hiện {conflicts.detected} vụ mâu thuẫn với {conflicts.parties} người liên"
            " quan{conflicts.detected|change}; trong đó {conflicts.level.1} vụ mức độ 1"
            " ({conflicts.level.1|of=conflicts.detected}), {conflicts.level.2} vụ mức độ 2"
            " ({conflicts.level.2|of=conflicts.detected}), {conflicts.level.3} vụ mức độ 3"
            " ({conflicts.level.3|of=conflicts.detected})."
        ),
        Prose(
            "Đã giải quyết ổn định {conflicts.status.resolved_stable} vụ"
            " ({conflicts.status.resolved_stable|of=conflicts.detected}), đã giải quyết nhưng chưa ổn định"
            " {conflicts.status.resolved_unstable} vụ ({conflicts.status.resolved_unstable|of=conflicts.detected}), đang"
            " giải quyết {conflicts.status.in_progress} vụ ({conflicts.status.in_progress|of=conflicts.detected})."
            " Có {conflicts.prolonged} vụ kéo dài, bằng {conflicts.prolonged|of=conflicts.status.resolved_unstable+conflicts.status.in_progress}"
            " số vụ chưa ổn định và đang giải quyết. Do đất đai {conflicts.cause.land} vụ"
            " ({conflicts.cause.land|of=conflicts.detected}), do sinh hoạt hằng ngày {conflicts.cause.daily_life} vụ"
            " ({conflicts.cause.daily_life|of=conflicts.detected}), các nguyên nhân còn lại"
            " {conflicts.cause.not_land_or_daily_life} vụ"
            " ({conflicts.cause.not_land_or_daily_life|of=conflicts.detected})."
        ),
        Indicators(
            "conflicts",
            "Tình hình mâu thuẫn trong nội bộ nhân dân",
            (
                Line("conflicts.detected"),
                *(Line(f"conflicts.level.{n}", "conflicts.detected", sub=True) for n in (1, 2, 3)),
                *(
                    Line(f"conflicts.cause.{cause}", "conflicts.detected", sub=True)
                    for cause in CONFLICT_CAUSE
                ),
                *(
                    Line(f"conflicts.status.{status}", "conflicts.detected", sub=True)
                    for status in ("resolved_stable", "resolved_unstable", "in_progress")
                ),
                Line("conflicts.prolonged", _UNSETTLED, sub=True),
                Line("conflicts.parties"),
            ),
        ),
        Areas("conflicts-areas", "Mâu thuẫn trong nội bộ nhân dân theo địa bàn", _CONFLICT_COLUMNS),
    ),
    Areas(
        "conflicts-communes",
        "Mâu thuẫn trong nội bộ nhân dân theo xã, phường, thị trấn",
        _CONFLICT_COLUMNS,
        "commune",
    ),
    "conflicts.detected",
)
