"""The list of all reports that can be asked for, as data. Pure."""

from dataclasses import replace

from services.reporting.documents.parts import Report
from services.reporting.documents.sections_drugs import DRUGS
from services.reporting.documents.sections_health import DETOX, TREATMENT
from services.reporting.documents.sections_incidents import CONFLICTS, FIRES

_OPENING = "{office} báo cáo kết quả {label} trên địa bàn {area} như sau:"

_ALL = (
    Report(
        "annual",
        "Báo cáo của Ban Chỉ đạo 138 trên bốn lĩnh vực",
        "the committee's report on its four fields",
        "committee",
        "Kết quả công tác phòng, chống ma túy; phòng cháy, chữa cháy; giải quyết mâu thuẫn trong nội bộ nhân dân {label}"
        " trên địa bàn {area}",
        _OPENING,
        (TREATMENT, DETOX, DRUGS, FIRES, CONFLICTS),
    ),
    Report(
        "health",
        "Báo cáo ngành y tế về xác định tình trạng nghiện và điều trị methadone",
        "the health report",
        "health",
        "Kết quả xác định tình trạng nghiện ma túy và điều trị methadone {label} trên địa bàn {area}",
        _OPENING,
        (TREATMENT,),
    ),
    Report(
        "police",
        "Báo cáo ngành công an về phòng, chống ma túy",
        "the police report",
        "police",
        "Kết quả công tác phòng, chống ma túy {label} trên địa bàn {area}",
        _OPENING,
        (DRUGS, replace(DETOX, owned_by="police")),
    ),
    Report(
        "fires-conflicts",
        "Báo cáo về cháy và mâu thuẫn trong nội bộ nhân dân",
        "the fire and conflict report",
        "police",
        "Tình hình cháy và mâu thuẫn trong nội bộ nhân dân {label} trên địa bàn {area}",
        _OPENING,
        (FIRES, CONFLICTS),
    ),
    Report(
        "reconciliation",
        "Báo cáo đối chiếu số liệu đơn vị báo cáo với số liệu tính từ sổ gốc",
        "declared figures against computed ones",
        "committee",
        "Đối chiếu số liệu các ngành báo cáo với số liệu tính từ sổ gốc {label} trên địa bàn {area}",
        "{office} đối chiếu số liệu các ngành báo cáo với số liệu tính từ sổ gốc {label} trên địa bàn {area} như sau:",
        declared=True,
    ),
)
REPORTS: dict[str, Report] = {report.name: report for report in _ALL}
"""Report name → report."""
