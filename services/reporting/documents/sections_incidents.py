"""The fields of fires and of conflicts in the committee's reports: prose and tables, as data. No number stands here but through a figure."""

from reference import CONFLICT_CAUSE, FIRE_CAUSE, FIRE_PLACE
from services.reporting.documents.parts import Areas, Breakdown, Indicators, Line, Prose, Section

# Base of a share: conflicts that are not settled for good.
_UNSETTLED = "conflicts.status.resolved_unstable+conflicts.status.in_progress"
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
