"""Code lists shared by forms and events: code → Vietnamese label (English is the code itself)."""

from collections.abc import Mapping
from types import MappingProxyType

Codes = Mapping[str, str]


def _codes(**labels: str) -> Codes:
    return MappingProxyType(labels)


def labelled(codes: Codes) -> str:
    """Return a list of codes as clerks read it: "Nam (male), Nữ (female)"."""
    return ", ".join(label if label == code else f"{label} ({code})" for code, label in codes.items())


FORMER_WORDS: Codes = MappingProxyType({"Đốt": "arson"})
"""Words that lists had before, with their codes: registers that were kept with them are still read."""
SEX = _codes(male="Nam", female="Nữ")
WITHDRAWAL = _codes(
    entered_twice="Nhập trùng",
    wrong_person="Nhầm người",
    wrong_unit="Nhầm đơn vị",
    not_a_case="Không phải trường hợp phải ghi sổ",
    other="Lý do khác",
)
"""Why a unit withdraws a record."""
REVIEW_REASON = _codes(
    paper_seen="Đã xem giấy tờ tùy thân",
    person_asked="Đã hỏi chính người đó hoặc gia đình",
    known_locally="Công an cấp xã biết rõ",
    register_checked="Đã đối chiếu hồ sơ, cơ sở dữ liệu dân cư",
    other="Lý do khác",
)
"""From what somebody knows that two records are of one person or of two."""
REVIEW_UNDOING = _codes(
    wrong_pair="Quyết định nhầm cặp",
    paper_new="Có giấy tờ mới",
    person_objected="Người đó hoặc gia đình có ý kiến",
    other="Lý do khác",
)
"""Why a decision about two records is undone."""
STATUS = _codes(
    suspected_user="Nghi sử dụng trái phép chất ma túy",
    user="Người sử dụng trái phép chất ma túy",
    suspected_addict="Nghi nghiện ma túy",
    addict="Người nghiện ma túy có hồ sơ quản lý",
    post_detox="Quản lý sau cai nghiện",
)
PRESENCE = _codes(
    community="Có mặt tại cộng đồng",
    detox_facility="Đang ở cơ sở cai nghiện",
    detained="Đang bị giam, giữ",
    absent="Vắng mặt tại nơi cư trú",
)
CONCLUSION = _codes(addicted="Nghiện", not_addicted="Không nghiện")
METHADONE_END = _codes(
    completed="Hoàn thành",
    dropped_out="Bỏ trị",
    terminated="Chấm dứt điều trị",
    transferred="Chuyển cơ sở",
    detained="Bị bắt giữ",
    died="Tử vong",
    moved_away="Chuyển nơi ở",
)
DOSE_KIND = _codes(observed="Uống có giám sát", take_home="Mang về")
DETOX_KIND = _codes(
    compulsory="Cai nghiện bắt buộc",
    voluntary_facility="Cai nghiện tự nguyện tại cơ sở",
    voluntary_home="Cai nghiện tự nguyện tại gia đình, cộng đồng",
)
DETOX_END = _codes(
    completed="Hoàn thành",
    terminated="Chấm dứt",
    escaped="Bỏ trốn",
    transferred="Chuyển cơ sở",
    exempted="Được miễn",
    died="Tử vong",
)
POST_DETOX_END = _codes(completed="Hoàn thành", relapsed="Tái nghiện", stopped="Dừng quản lý", died="Tử vong")
FIRE_PLACE = _codes(
    dwelling="Nhà ở",
    dwelling_with_business="Nhà ở kết hợp kinh doanh",
    production="Cơ sở sản xuất",
    warehouse="Kho",
    market="Chợ, trung tâm thương mại",
    vehicle="Phương tiện giao thông",
    forest="Rừng",
    school="Trường học",
    office="Trụ sở, văn phòng",
    entertainment="Cơ sở vui chơi, giải trí",
    other="Khác",
)
FIRE_CAUSE = _codes(
    electrical="Sự cố điện",
    open_flame="Sơ suất dùng lửa, nhiệt",
    technical="Sự cố kỹ thuật",
    traffic="Tai nạn giao thông",
    rule_breach="Vi phạm quy định an toàn",
    arson="Cố ý đốt",
    natural="Thiên tai",
    under_investigation="Đang điều tra",
    unknown="Không xác định",
)
RESPONDER = _codes(
    fire_police="Cảnh sát PCCC và CNCH",
    civil_defence="Đội dân phòng",
    interfamily="Tổ liên gia an toàn PCCC",
    enterprise="Đội PCCC cơ sở",
    public="Người dân",
)
OFFENCE = _codes(
    trade="Mua bán trái phép chất ma túy",
    possession="Tàng trữ trái phép chất ma túy",
    transport="Vận chuyển trái phép chất ma túy",
    organising_use="Tổ chức sử dụng trái phép chất ma túy",
    harbouring_use="Chứa chấp việc sử dụng trái phép chất ma túy",
    other="Khác",
)
CHANNEL = _codes(none="Không", air="Đường hàng không", post="Bưu chính, chuyển phát")
VENUE = _codes(
    none="Không",
    conditional_business="Cơ sở kinh doanh có điều kiện về ANTT",
    disguised_business="Cơ sở kinh doanh “núp bóng”",
    lodging="Cơ sở lưu trú",
    other="Khác",
)
ARREST_OUTCOME = _codes(
    prosecuted="Khởi tố", administrative="Xử phạt hành chính", released="Trả tự do", pending="Đang xử lý"
)
CONFLICT_CAUSE = _codes(
    land="Đất đai",
    daily_life="Sinh hoạt hằng ngày",
    economic="Kinh tế",
    love="Tình ái",
    family="Hôn nhân, gia đình",
    rights="Quyền lợi",
    other="Khác",
)
CONFLICT_STATUS = _codes(
    in_progress="Đang giải quyết",
    resolved_unstable="Đã giải quyết, chưa ổn định",
    resolved_stable="Đã giải quyết ổn định",
)
CONFLICT_OUTCOME = _codes(mediated="Hòa giải", administrative="Xử lý hành chính", criminal="Xử lý hình sự")
FACILITY_LEVEL = _codes(province="Tuyến tỉnh", district="Tuyến huyện", commune="Tuyến xã")
FACILITY_DOES = _codes(
    determination="Xác định tình trạng nghiện",
    methadone="Điều trị methadone",
    dispensing="Cấp phát thuốc",
    detox="Cai nghiện",
)
CLINICIAN_BASIS = _codes(psychiatrist="Bác sĩ tâm thần", certificate="Có chứng chỉ", assistant="Y sĩ")
PLACE_KIND = _codes(
    conditional_business="Cơ sở kinh doanh có điều kiện về ANTT",
    disguised_business="Cơ sở kinh doanh “núp bóng”",
    lodging="Cơ sở lưu trú",
    hot_spot="Điểm, tụ điểm phức tạp",
    other="Khác",
)
PLACE_END = _codes(eliminated="Triệt xóa", closed="Ngừng hoạt động", moved="Chuyển đi", error="Ghi nhầm")
CLASS_SCHEME = _codes(public_order_risk="Phân loại về trật tự xã hội", drug_hot="Trọng điểm về ma túy")
AREA_CLASS = _codes(high="Phức tạp", at_risk="Tiềm ẩn", low="Ít phức tạp", hot="Trọng điểm")
SCHEME_CLASSES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"public_order_risk": frozenset({"high", "at_risk", "low"}), "drug_hot": frozenset({"hot"})}
)
AGENCY = _codes(
    health="Sở Y tế",
    police="Công an tỉnh",
    labour="Sở Lao động - Thương binh và Xã hội",
    committee="Ban Chỉ đạo 138",
)
