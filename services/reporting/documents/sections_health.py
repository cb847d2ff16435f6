"""The fields of health and of detox in the committee's reports: prose and tables, as data. No number stands here but through a figure."""

from reference import FACILITY_LEVEL, METHADONE_END
from services.reporting.documents.parts import Areas, Breakdown, Head, Indicators, Line, Prose, Section

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
            " lượt người vào điều trị và {methadone.left} lượt người ra khỏi điều trị."
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
