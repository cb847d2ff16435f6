"""Texts about calendars, geographies and versions of definitions."""

TEXTS: dict[str, tuple[str, str]] = {
    "figure_near": (
        "Không có số liệu mang mã này. Có phải: {codes}?",
        "no figure has this code; did you mean: {codes}?",
    ),
    "parameter_unlisted": (
        "Không có tham số này. Các tham số dùng được: {allowed}",
        "there is no such parameter; there are: {allowed}",
    ),
    "parameter_twice": (
        "Tham số này được đưa nhiều lần: chỉ đưa một lần",
        "given more than once: give it once",
    ),
    "parameter_blank": (
        "Tham số để trống: điền giá trị hoặc bỏ tham số này",
        "empty: give it a value or leave it out",
    ),
    "known_at_in_future": (
        "Thời điểm này chưa đến (bây giờ là {now}) nên chưa ai rõ khi đó biết được gì."
        " Bỏ known_at để lấy theo mọi thông tin hiện có",
        "this moment is yet to come (now it is {now}), so nobody can say what will be known then."
        " Leave known_at out for all that is known now",
    ),
    "area_unlisted": (
        "Danh mục địa bàn của tỉnh không có mã này. Mã tỉnh có 2 chữ số, huyện 3, xã 5; hoặc mã@năm",
        "the province's areas have no such code; provinces have 2 digits, districts 3, communes 5; or code@year",
    ),
    "area_near": (
        "Không có địa bàn mang mã này. Có phải: {areas}? Mã@năm chỉ rõ một địa bàn",
        "no area has this code; did you mean: {areas}? Code@year names exactly one",
    ),
    "period_and_days": (
        "Đã hỏi theo kỳ của lịch báo cáo (calendar, period) thì không dùng as_of, from, to",
        "a question by calendar and period takes no as_of, from or to",
    ),
    "calendar_needed": (
        "Kỳ báo cáo phải đi kèm lịch báo cáo: thêm calendar",
        "a period belongs to a calendar: add calendar",
    ),
    "period_of_calendar_needed": (
        "Lịch báo cáo phải đi kèm kỳ báo cáo: thêm period (ví dụ 2023, 2023-Q1)",
        "a calendar needs a period: add period (for example 2023, 2023-Q1)",
    ),
    "calendar_unknown": (
        "Không có lịch báo cáo này. Các lịch dùng được: {calendars}",
        "no such reporting calendar; there are: {calendars}",
    ),
    "period_unknown": (
        "Lịch “{calendar}” không có kỳ này. Các kỳ: {periods}",
        "the calendar “{calendar}” has no such period; it has: {periods}",
    ),
    "period_not_then": (
        "Lịch “{calendar}” không áp dụng cho kỳ này (áp dụng từ {since} đến trước {until})",
        "the calendar “{calendar}” was not in use then (from {since} until before {until})",
    ),
    "geography_too_early": (
        "Chưa có danh mục hành chính cho ngày này; danh mục đầu tiên từ {first}",
        "no hierarchy of areas is known for that day; the first one is of {first}",
    ),
    "area_ended": (
        "Vào ngày {day} không còn {code} {name} (đến hết {last}); nay là: {became}."
        " Hỏi theo địa giới cũ: geography={last}",
        "on {day} there was no {code} {name} any more (until {last}); it became: {became}."
        " To ask in the old hierarchy: geography={last}",
    ),
    "area_ended_district": (
        "Vào ngày {day} không còn cấp huyện: {code} {name} kết thúc ngày {last}."
        " Hỏi theo huyện cũ: geography={last} hoặc by=region",
        "on {day} there were no districts any more: {code} {name} ended on {last}."
        " To ask by old district: geography={last} or by=region",
    ),
    "area_ended_unknown": (
        "Vào ngày {day} không còn {code} {name} (đến hết {last}); không rõ đơn vị kế tiếp."
        " Hỏi theo địa giới cũ: geography={last}",
        "on {day} there was no {code} {name} any more (until {last}); its successor is not known."
        " To ask in the old hierarchy: geography={last}",
    ),
    "area_not_yet": (
        "Vào ngày {day} chưa có {code} {name} (có từ {since}, lập từ: {made})."
        " Hỏi theo địa giới mới: geography={since}",
        "on {day} there was no {code} {name} yet (since {since}, made of: {made})."
        " To ask in the new hierarchy: geography={since}",
    ),
    # --- what counts in several rows ----------------------------------------------------------------------------
    "overlap_needs_by": (
        "Cần chọn chiều phân chia (by) để liệt kê phần trùng",
        "an overlap is that of a breakdown: by is required",
    ),
    "overlap_of_no_rows": (
        "Số liệu này không đếm từng bản ghi nên không có phần trùng",
        "this figure counts no single records, so nothing can be in two rows",
    ),
    "overlap_exact_numbers": (
        "Phần trùng chỉ cung cấp cho đơn vị được xem số chính xác",
        "the overlap is given only to those who may see exact numbers",
    ),
    "overlap_records_withheld": (
        "Danh sách bản ghi chỉ dành cho lãnh đạo của Ban Chỉ đạo hoặc của ngành chủ quản tại địa bàn",
        "records are shown only to officials of the committee or of the figure's owner in their own area",
    ),
    # --- names of rows ------------------------------------------------------------------------------------------
    "row_unknown": ("Không rõ", "not known"),
    "row_divided": (
        "Chưa phân bổ: {name} (đã chia cho: {others})",
        "not attributed: {name} (divided between: {others})",
    ),
    "row_unknown_successor": (
        "Chưa phân bổ: {name} (không rõ đơn vị kế tiếp)",
        "not attributed: {name} (successor not known)",
    ),
    "row_several": (
        "Chưa phân bổ: {name} (lập từ nhiều đơn vị cũ: {others})",
        "not attributed: {name} (made of several older areas: {others})",
    ),
    "row_outside": (
        "Chưa phân bổ: {name} (ngoài địa giới được hỏi)",
        "not attributed: {name} (outside of the hierarchy asked)",
    ),
    "row_regions": (
        "Chưa phân bổ: {name} (thuộc nhiều huyện cũ: {others})",
        "not attributed: {name} (of several old districts: {others})",
    ),
}
