"""Texts about interfaces for machines."""

TEXTS: dict[str, tuple[str, str]] = {
    "start_period_needed": (
        "Cần có startPeriod: 2023, 2023-S1, 2023-Q3, 2023-09 hoặc 2023-12-19",
        "startPeriod is required: 2023, 2023-S1, 2023-Q3, 2023-09 or 2023-12-19",
    ),
    "not_a_period": (
        "Không phải kỳ: dùng 2023, 2023-S1, 2023-Q3, 2023-09 hoặc 2023-12-19",
        "not a period: use 2023, 2023-S1, 2023-Q3, 2023-09 or 2023-12-19",
    ),
    "frequency": ("Tần suất phải là A, S, Q, M hoặc D", "the frequency must be A, S, Q, M or D"),
    "no_period_between": (
        "Không có kỳ nào nằm giữa startPeriod và endPeriod",
        "no period of this frequency lies between startPeriod and endPeriod",
    ),
    "calendar_without_period": (
        "Lịch báo cáo không có hoặc không có kỳ này",
        "there is no such calendar, or it has no such period",
    ),
    "true_or_false": ("Chỉ dùng true hoặc false", "must be true or false"),
    "history_or_updates": (
        "Chỉ dùng một trong hai: includeHistory hoặc updatedAfter",
        "includeHistory and updatedAfter do not go together",
    ),
    "history_too_long": (
        "Lịch sử có hơn {maximum} thời điểm thay đổi: hãy hỏi địa bàn hoặc kỳ nhỏ hơn",
        "the history has more than {maximum} instants of change: ask for a smaller area or period",
    ),
    "query_too_wide": (
        "Câu hỏi quá rộng: nhiều nhất {maximum} ô số liệu",
        "the query is too wide: at most {maximum} cells",
    ),
    "limit_range": ("Phải là số từ {minimum} đến {maximum}", "must be a number from {minimum} to {maximum}"),
    "cursor": ("Con trỏ trang không hợp lệ", "not a page cursor of ours"),
    "format_unknown": (
        "Không có định dạng này. Các định dạng: {allowed}",
        "no such format; there are: {allowed}",
    ),
    "dhis2_calendar": (
        "DHIS2 chỉ có kỳ theo năm dương lịch: dùng calendar=civil hoặc định dạng adx",
        "DHIS2 has periods of the civil calendar only: use calendar=civil, or the format adx",
    ),
    "updated_after_as_of": (
        "updatedAfter không được muộn hơn asOf",
        "updatedAfter must not be later than asOf",
    ),
    "updates_too_many": (
        "Có quá nhiều dữ liệu đến muộn kể từ lúc đó: hãy lấy lại toàn bộ (bỏ updatedAfter)",
        "too much came late since then: take everything anew, without updatedAfter",
    ),
    "not_acceptable": (
        "Không có định dạng nào mà Accept chấp nhận. Có: {allowed}",
        "no format that Accept takes; there are: {allowed}",
    ),
    "data_exact_only": (
        "Lịch sử, thay đổi và theo dõi số liệu chỉ dành cho cơ quan chủ trì số liệu và Ban Chỉ đạo",
        "history, updates and following are for the agency that owns the figure and for the committee",
    ),
    "nothing_carried": ("Không có giá trị nào để xuất", "there is no value to export"),
    "follow_unknown": ("Không có mục theo dõi này", "there is no such follow"),
    "follow_limit": (
        "Mỗi đơn vị theo dõi nhiều nhất {maximum} số liệu",
        "a unit follows at most {maximum} figures",
    ),
}
