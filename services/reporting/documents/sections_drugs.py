"""The field of drugs in the committee's reports: people, cases, places and communes, as data. No number stands here but through a figure."""

from reference import OFFENCE
from services.reporting.documents.parts import Areas, Breakdown, Head, Indicators, Line, Prose, Section

# Base of shares of communes: all of them.
_COMMUNES = "areas.with_drug_problem+areas.without_drug_problem"
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
            " túy ({drug_cases.organising_or_harbouring_at_conditional_business} vụ tại cơ sở kinh doanh có điều kiện)"
            "[?; {drug_cases.disguised_drug} vụ liên quan đến ma túy “núp bóng”][?; {drug_cases.by_air_or_post} vụ qua đường hàng"
            " không, bưu chính, thu giữ {drug_cases.seized_grams_by_air_or_post|mass}]."
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
            " cơ sở kinh doanh “núp bóng”, {venues.at_risk.lodging} cơ sở lưu trú. {hot_spots.eliminated|when}, triệt xóa"
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
