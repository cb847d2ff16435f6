"""Texts about lists matched against the log: likely reasons (``match.<code>``), slips, the worklist's words."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- in both but different: how the two were found to be the same ---------------------------------------
    "match.other_unit": (
        "Cùng một hồ sơ nhưng hệ thống ghi ở đơn vị {unit}",
        "the same record, but handed in by unit {unit}",
    ),
    "match.other_number": (
        "Cùng một người nhưng hệ thống ghi số khác ({number}, đơn vị {unit})",
        "the same person, but here under another number ({number}, unit {unit})",
    ),
    "match.key_corrected": (
        "Số trong danh sách đã bị hủy ở hệ thống; hồ sơ nay mang số {number}",
        "the number in the list was withdrawn here; the record now has number {number}",
    ),
    "match.key_date": (
        "Cùng số {number} nhưng khác ngày bắt đầu",
        "the same number {number}, but from another day",
    ),
    "match.written_otherwise": (
        "Cùng số nhưng viết khác ({number})",
        "the same number, written otherwise ({number})",
    ),
    "match.near": (
        "Cùng xã, cùng ngày, cùng nội dung chính nhưng khác số ({number}, đơn vị {unit})",
        "same commune, day and main facts, but another number ({number}, unit {unit})",
    ),
    "match.number_reused": (
        "Cùng số nhưng có vẻ là người hoặc vụ việc khác",
        "the same number, but it seems to be somebody or something else",
    ),
    # --- in both but different: why -------------------------------------------------------------------------
    "match.withdrawn_there": ("Danh sách ghi đã hủy, hệ thống chưa hủy", "withdrawn in the list, not here"),
    "match.typo": ("Có vẻ ghi nhầm", "looks like a slip of the pen"),
    "match.old_new_id": (
        "Một bên ghi số CMND cũ, bên kia ghi số CCCD",
        "one side has the old 9-digit number, the other the new one",
    ),
    "match.year_only_there": (
        "Danh sách chỉ ghi năm sinh; hệ thống có đủ ngày sinh",
        "the list has the birth year alone; here the birth date is full",
    ),
    "match.year_only_here": (
        "Hệ thống chỉ ghi năm sinh; danh sách có đủ ngày sinh",
        "only the birth year is here; the list has the full birth date",
    ),
    "match.filled_there": (
        "Chỉ danh sách có ghi; hệ thống còn trống",
        "only the list has it; blank here",
    ),
    "match.filled_here": (
        "Chỉ hệ thống có ghi; danh sách còn trống",
        "only this system has it; blank in the list",
    ),
    "match.corrected_here": (
        "Hệ thống đã sửa (ghi nhận ngày {day}); danh sách theo bản cũ",
        "corrected here (recorded on {day}); the list has the earlier state",
    ),
    "match.newer_theirs": (
        "Danh sách ghi sau, có thể mới hơn",
        "the list was written later and may be newer",
    ),
    "match.newer_ours": ("Hệ thống ghi sau, có thể mới hơn", "recorded here later, may be newer here"),
    "match.differs": ("Hai bên ghi khác nhau", "the two sides say something else"),
    # --- only theirs ----------------------------------------------------------------------------------------
    "match.duplicate_key": ("Trùng với dòng {row} của danh sách", "the same record as row {row} of the list"),
    "match.duplicate_person": (
        "Cùng một người với dòng {row} của danh sách",
        "the same person as row {row} of the list",
    ),
    "match.out_of_reach": (
        "Đơn vị {unit} ngoài phạm vi của bạn nên không đối chiếu",
        "unit {unit} is outside your reach, so the row was not compared",
    ),
    "match.refused": (
        "Dòng không hợp lệ nên không thể đã được nhận ({rules_vi})",
        "the row breaks a rule, so it cannot have been taken ({rules_en})",
    ),
    "match.voided_here": ("Hệ thống đã hủy (ghi nhận ngày {day})", "withdrawn here (recorded on {day})"),
    "match.outside_area": ("Ngoài địa bàn đối chiếu", "outside the area asked about"),
    "match.other_unit_handed_in": (
        "Đã được đơn vị {unit} nộp",
        "handed in by unit {unit}",
    ),
    "match.person_known": (
        "Người này đã có trong hệ thống (số {number}, đơn vị {unit}), nhưng hồ sơ này chưa được nộp",
        "the person is known here (number {number}, unit {unit}), but this record was never handed in",
    ),
    "match.after_as_of": ("Phát sinh hoặc ghi sau ngày {day}", "happened or was written after {day}"),
    "match.possible_person": (
        "Có thể là cùng một người với số {number}, đơn vị {unit}; cần xác minh",
        "possibly the same person as number {number}, unit {unit}; to be verified",
    ),
    "match.possible_near": (
        "Cùng xã, cùng ngày với số {number}, đơn vị {unit}; cần xác minh",
        "same commune and day as number {number}, unit {unit}; to be verified",
    ),
    "match.unit_silent": (
        "Đơn vị {unit} chưa nộp sổ này lần nào",
        "unit {unit} has never handed in this register",
    ),
    "match.never_handed_in": ("Chưa được nộp vào hệ thống", "never handed in"),
    # --- only ours ------------------------------------------------------------------------------------------
    "match.listed_otherwise": (
        "Người này có trong danh sách ở dòng {row} với số hoặc đơn vị khác",
        "the person is in the list at row {row}, under another number or unit",
    ),
    "match.other_row": (
        "Danh sách có người này ở dòng {row}, nhưng không có dòng này của sổ",
        "the list has the person at row {row}, but not this row of the register",
    ),
    "match.recorded_after": (
        "Hệ thống ghi nhận sau ngày lập danh sách ({day})",
        "recorded here after the list was drawn up ({day})",
    ),
    "match.began_after": ("Bắt đầu sau ngày lập danh sách ({day})", "began after the list's day ({day})"),
    "match.ended_before": (
        "Đã kết thúc ngày {day}, trước ngày lập danh sách",
        "had ended on {day}, before the list's day",
    ),
    "match.possible_row": (
        "Có thể là cùng một người với dòng {row}; cần xác minh",
        "possibly the same person as row {row}; to be verified",
    ),
    "match.possible_near_row": (
        "Cùng xã, cùng ngày với dòng {row}; cần xác minh",
        "same commune and day as row {row}; to be verified",
    ),
    "match.unit_missing": ("Danh sách không có đơn vị {unit}", "the list lacks unit {unit}"),
    "match.missing_there": ("Danh sách thiếu", "missing from the list"),
    # --- persons against another register -------------------------------------------------------------------
    "match.not_registered": (
        "Người này không có trong sổ đối chiếu",
        "the person is not in the other register",
    ),
    "match.not_listed": ("Người này không có trong danh sách", "the person is not in the list"),
    # --- slips ----------------------------------------------------------------------------------------------
    "match.hint.tone_marks": ("khác dấu", "accents differ"),
    "match.hint.name_order": ("đảo thứ tự họ tên", "order of the name's words"),
    "match.hint.one_letter": ("lệch một chữ", "one letter off"),
    "match.hint.one_digit": ("lệch một chữ số", "one digit off"),
    "match.hint.digits_swapped": ("đảo hai chữ số liền nhau", "two neighbouring digits swapped"),
    "match.hint.day_month": ("đảo ngày và tháng", "day and month swapped"),
    "match.hint.old_new_id": ("số CMND cũ và số CCCD", "old 9-digit and new 12-digit number"),
    "match.hint.power_of_ten": ("lệch số không", "off by a power of ten"),
    "match.hint.year_only": ("một bên chỉ có năm sinh", "one side has the year alone"),
    "match.hint.only_here": ("danh sách để trống", "blank in the list"),
    "match.hint.only_there": ("hệ thống để trống", "blank here"),
    "match.hint.invalid": ("ô không đọc được", "the cell cannot be read"),
    # --- the request ----------------------------------------------------------------------------------------
    "match_too_many": (
        "Phải đối chiếu với hơn {limit} hồ sơ: hãy nêu đơn vị hoặc địa bàn",
        "more than {limit} records would have to be compared: name a unit or an area",
    ),
    "match_too_different": (
        "Quá nhiều dòng không tìm thấy theo số ({rows}): hãy chia danh sách theo đơn vị",
        "too many rows were not found by their number ({rows}): split the list by unit",
    ),
    "match_against": (
        "Chỉ đối chiếu người giữa hai sổ có nhân thân của cùng một dịch vụ, trong một lần gửi",
        "persons are compared between two registers with identity of one service, in one request",
    ),
    "match_columns": (
        "Danh sách cần có cột khóa ({key}) hoặc họ tên và ngày sinh",
        "the list needs the key columns ({key}), or name and birth date",
    ),
}
