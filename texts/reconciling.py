"""Texts about reconciliation of declared figures."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- questions ---------------------------------------------------------------------------------------------
    "reconcile_agency": ("Cần tên cơ quan báo cáo: {agencies}", "name the agency that declared: {agencies}"),
    "reconcile_not_declared": (
        "{agency} chưa báo cáo số liệu {figure} cho {area}",
        "{agency} has declared no {figure} for {area}",
    ),
    "reconcile_declared_instead": ("Đã có báo cáo: {declared}", "what was declared: {declared}"),
    "reconcile_none_declared": (
        "Chưa cơ quan nào báo cáo số liệu này cho địa bàn này",
        "nobody has declared this figure for this area",
    ),
    "reconcile_no_value": (
        "Số liệu không có giá trị vào ngày của số báo cáo hoặc ngày đối chiếu (mẫu số bằng 0 hoặc chưa giao chỉ tiêu)",
        "the figure has no value on the declared or the asked date (zero denominator, or no target)",
    ),
    "reconcile_value": ("Số báo cáo phải là một số", "the declared value must be a number"),
    "reconcile_only_with_value": (
        "Chỉ dùng cùng với declared (số báo cáo nhập tay)",
        "makes sense only together with declared",
    ),
    "reconcile_page": (
        "Phải là số nguyên từ {least} đến {most}",
        "must be a whole number from {least} to {most}",
    ),
    "reconcile_step": ("Không có bước này. Các bước: {steps}", "no such step; the steps are: {steps}"),
    "reconcile_no_breakdown": (
        "Đối chiếu không chia theo chiều; dùng area để hỏi một địa bàn",
        "a reconciliation is not broken down; ask for one area with area",
    ),
    "reconcile_records_hidden": (
        "Chỉ cán bộ của Ban Chỉ đạo hoặc của cơ quan chủ quản số liệu, trong địa bàn của mình, được xem bản ghi",
        "records are shown to officials of the committee or of the figure's owner, within their area",
    ),
    "reconcile_records_not_asked": (
        "Không yêu cầu danh sách bản ghi",
        "the lists of records were not asked for",
    ),
    "reconcile_exact_numbers": (
        "Đối chiếu cho thấy số chính xác: chỉ dành cho Ban Chỉ đạo và cơ quan chủ quản số liệu",
        "a reconciliation shows exact numbers: it is for the committee and the figure's owner",
    ),
    # --- steps -------------------------------------------------------------------------------------------------
    "reconcile_step_other_date": (
        "Khác ngày chốt số liệu hoặc kỳ: báo cáo {declared}, đối chiếu {asked}",
        "other date or window: declared for {declared}, asked for {asked}",
    ),
    "reconcile_step_definition": (
        "Khác phiên bản định nghĩa: {was} → {now}; cách đếm không đổi",
        "other version of the definition: {was} → {now}; the counting is the same",
    ),
    "reconcile_step_recorded_late": (
        "Ghi nhận sau ngày báo cáo {cut_off}",
        "recorded after the cut-off of {cut_off}",
    ),
    "reconcile_step_corrected_since": (
        "Sửa sau ngày báo cáo {cut_off}",
        "corrected since the cut-off of {cut_off}",
    ),
    "reconcile_step_voided_since": (
        "Hủy sau ngày báo cáo {cut_off}",
        "withdrawn since the cut-off of {cut_off}",
    ),
    "reconcile_step_linked_since": (
        "Ghép hoặc tách người sau ngày báo cáo {cut_off}",
        "people merged or separated since the cut-off of {cut_off}",
    ),
    "reconcile_step_changed_since": (
        "Ghi nhận, sửa hoặc hủy sau ngày báo cáo {cut_off}",
        "recorded, corrected or withdrawn since the cut-off of {cut_off}",
    ),
    "reconcile_step_own_sum": (
        "Số tổng của cơ quan không bằng tổng các đơn vị của chính cơ quan đó",
        "the agency's total is not the sum of its own parts",
    ),
    "reconcile_step_counted_twice": (
        "Một người được đếm nhiều lần (đếm bản ghi thay vì đếm người)",
        "the same person counted more than once (records instead of people)",
    ),
    "reconcile_step_residence_elsewhere": (
        "Cư trú ở địa bàn khác theo một bản ghi khác",
        "residence in another commune by another record",
    ),
    "reconcile_step_not_on_list": (
        "Không có trong sổ của cơ quan báo cáo",
        "not in the declaring agency's own register",
    ),
    "reconcile_step_facility_area": (
        "Tính theo nơi điều trị thay vì nơi cư trú",
        "counted where treated instead of where resident",
    ),
    "reconcile_step_other_status": (
        "Tính ở trạng thái khác (kết luận xác định khác với sổ quản lý)",
        "counted under another status (the conclusion differs from the register)",
    ),
    "reconcile_step_ended_before": (
        "Đã kết thúc hoặc chuyển đi trước ngày chốt số liệu nhưng có thể cơ quan còn tính",
        "ended or moved away before the date but may still be on the agency's list",
    ),
    "reconcile_step_area_missing": (
        "Địa bàn không có trong báo cáo của cơ quan",
        "areas missing from the agency's set",
    ),
    "reconcile_step_already_known": (
        "Cơ quan đã biết những gì hệ thống ghi nhận sau ngày báo cáo",
        "the agency already knew what was recorded here after its cut-off",
    ),
    "reconcile_step_rounding": ("Làm tròn hoặc cắt bớt chữ số", "rounding or truncation"),
    "reconcile_step_unexplained": ("Chưa giải thích được", "unexplained"),
    # --- why a record is behind a step --------------------------------------------------------------------------
    "reconcile_why_recorded_late": (
        "Ghi nhận ngày {on}, sau ngày báo cáo {cut_off}",
        "recorded on {on}, after the cut-off of {cut_off}",
    ),
    "reconcile_why_completed_late": (
        "Ghi bổ sung {columns} ngày {on}, sau ngày báo cáo {cut_off}",
        "{fields} added on {on}, after the cut-off of {cut_off}",
    ),
    "reconcile_why_corrected_since": ("Sửa {columns} ngày {on}", "{fields} corrected on {on}"),
    "reconcile_why_written_again": (
        "Ghi lại ngày {on}; vào ngày báo cáo {cut_off} đang bị hủy",
        "written again on {on}; it was withdrawn at the cut-off of {cut_off}",
    ),
    "reconcile_why_voided_since": ("Hủy ngày {on}", "withdrawn on {on}"),
    "reconcile_why_other_record": (
        "Thay đổi do một bản ghi khác của cùng người hoặc cùng cơ sở, ghi ngày {on}",
        "changed by another record of the same person or place, recorded on {on}",
    ),
    "reconcile_why_linked_presence": (
        "Thay đổi do ghép hoặc tách người sau ngày báo cáo",
        "changed because people were merged or separated since",
    ),
    "reconcile_why_merged": (
        "Nay biết là cùng một người (nhóm {group})",
        "now known to be one person (group {group})",
    ),
    "reconcile_why_parted": (
        "Nay biết là những người khác nhau (nhóm {group})",
        "now known to be different people (group {group})",
    ),
    "reconcile_why_changed_since": (
        "Xã, phường được tính khác đi do thông tin ghi nhận sau ngày báo cáo",
        "the commune changed by what was recorded after the cut-off",
    ),
    "reconcile_why_other_date": (
        "Xã, phường được tính khác nhau ở hai ngày",
        "the commune differs between the two dates",
    ),
    "reconcile_why_state_declared_only": (
        "Có vào ngày của số báo cáo, không có vào ngày đối chiếu (từ {since} đến {end})",
        "there on the declared day, not on the day asked (from {since} to {end})",
    ),
    "reconcile_why_state_asked_only": (
        "Có vào ngày đối chiếu, không có vào ngày của số báo cáo (từ {since} đến {end})",
        "there on the day asked, not on the declared day (from {since} to {end})",
    ),
    "reconcile_why_state_declared_but_changed": (
        "Vào ngày đối chiếu vẫn có trong sổ nhưng không còn thuộc diện tính (từ {since} đến {end})",
        "in the register on the day asked, too, but no longer counted by then (from {since} to {end})",
    ),
    "reconcile_why_state_asked_but_changed": (
        "Vào ngày của số báo cáo đã có trong sổ nhưng chưa thuộc diện tính (từ {since} đến {end})",
        "in the register on the declared day, too, but not counted yet (from {since} to {end})",
    ),
    "reconcile_why_event_declared_only": (
        "Xảy ra ngày {since}, ngoài kỳ đối chiếu",
        "happened on {since}, outside the period asked",
    ),
    "reconcile_why_event_asked_only": (
        "Xảy ra ngày {since}, ngoài kỳ báo cáo",
        "happened on {since}, outside the declared period",
    ),
    "reconcile_why_event_declared_but_changed": (
        "Xảy ra ngày {since}; đến cuối kỳ đối chiếu tình trạng, kết quả xử lý đã khác nên không tính",
        "happened on {since}; by the end of the period asked its state is another and it does not count",
    ),
    "reconcile_why_event_asked_but_changed": (
        "Xảy ra ngày {since}; đến cuối kỳ báo cáo tình trạng, kết quả xử lý còn khác nên chưa tính",
        "happened on {since}; by the end of the declared period its state was another and it did not count",
    ),
    "reconcile_why_counted_twice": (
        "Một người có {records} bản ghi (nhóm {group})",
        "one person with {records} records (group {group})",
    ),
    "reconcile_why_lives_here": (
        "Một bản ghi khác của người này ghi cư trú trong địa bàn",
        "another record of the person names a residence inside the area",
    ),
    "reconcile_why_lives_elsewhere": (
        "Một bản ghi khác của người này ghi cư trú ngoài địa bàn",
        "another record of the person names a residence outside the area",
    ),
    "reconcile_why_treated_here": (
        "Điều trị tại cơ sở trong địa bàn, cư trú nơi khác",
        "treated at a facility inside the area, resident elsewhere",
    ),
    "reconcile_why_treated_elsewhere": (
        "Cư trú trong địa bàn, điều trị tại cơ sở nơi khác",
        "resident in the area, treated at a facility elsewhere",
    ),
    "reconcile_why_addicted": (
        "Kết luận xác định gần nhất: nghiện",
        "the latest determination says addicted",
    ),
    "reconcile_why_not_addicted": (
        "Kết luận xác định gần nhất: không nghiện",
        "the latest determination says not addicted",
    ),
    "reconcile_why_ended": ("Đã kết thúc ngày {until}", "ended on {until}"),
    "reconcile_why_moved_away": (
        "Từ ngày {until} được tính ở địa bàn khác",
        "counted in another area from {until} on",
    ),
    "reconcile_why_not_on_list": (
        "Không có trong sổ của cơ quan vào ngày của số báo cáo",
        "not in the agency's own register on the declared day",
    ),
    "reconcile_why_area_missing": (
        "Thuộc địa bàn không có báo cáo",
        "in an area for which nothing was declared",
    ),
}
