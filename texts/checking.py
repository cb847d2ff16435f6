"""Texts about cross-agency and arithmetic checks."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- what a table's own numbers contradict -----------------------------------------------------------------
    "table.parts_sum": (
        "{sum} = {total}, không bằng tổng {whole} đã in (chênh {difference})",
        "{sum} = {total}, not the printed total {whole} (off by {difference})",
    ),
    "table.other_missing": (
        "{sum} = {total}, còn thiếu {rest} so với tổng {whole} mà không có dòng “khác”: thêm dòng “khác” {rest} ({percent} %)",
        "{sum} = {total}, {rest} short of the total {whole}, and no line “other”: add “other” {rest} ({percent} %)",
    ),
    "table.communes_missing": (
        "{sum} = {total}, nhưng địa bàn có {whole} xã: {difference} xã chưa phân loại",
        "{sum} = {total}, yet there are {whole} communes: {difference} are unclassified",
    ),
    "table.communes_too_many": (
        "{sum} = {total}, nhưng địa bàn chỉ có {whole} xã: thừa {difference}",
        "{sum} = {total}, yet there are only {whole} communes: {difference} too many",
    ),
    "table.percent_wrong": (
        "“{label}”: in {stated} %, nhưng {value}/{whole} = {exact} %, làm tròn {right} %",
        "“{label}”: printed as {stated} %, yet {value}/{whole} = {exact} %, rounded {right} %",
    ),
    "table.truncated": (
        "“{label}”: in {stated} % là cắt bỏ phần lẻ của {exact} %; làm tròn là {right} %",
        "“{label}”: {stated} % is {exact} % cut off; rounded it is {right} %",
    ),
    "table.residual_share": (
        "“{label}”: {stated} % chỉ là phần còn lại (100 − {others}); {value}/{whole} = {exact} %, làm tròn {right} %",
        "“{label}”: {stated} % is merely what was left (100 − {others}); {value}/{whole} = {exact} %, rounded {right} %",
    ),
    "table.other_base": (
        "“{label}”: {stated} % là tỷ lệ so với “{base_label}” ({base}), không phải so với {whole}: {value}/{whole} = {right} %",
        "“{label}”: {stated} % is the share of “{base_label}” ({base}), not of {whole}: {value}/{whole} = {right} %",
    ),
    "table.over_100": (
        "“{label}”: {stated} % của một tổng là không thể quá 100 %",
        "“{label}”: {stated} % of a whole cannot be over 100 %",
    ),
    "table.part_exceeds": (
        "“{label}”: {value} lớn hơn tổng {whole} mà nó là một phần",
        "“{label}”: {value} is more than the {whole} it is part of",
    ),
    "table.mixed_bases": (
        "Nhóm “{group}”: các tỷ lệ tính trên các mẫu số khác nhau ({bases}) nên không cộng được (cộng ra {stated} %)",
        "group “{group}”: the shares have different denominators ({bases}) and do not add up (they come to {stated} %)",
    ),
    "table.percent_sum": (
        "Nhóm “{group}”: các tỷ lệ cộng ra {stated} %, quá sai số làm tròn; tính đúng từng dòng cộng ra {right} %",
        "group “{group}”: the shares come to {stated} %, more than rounding explains; computed rightly, to {right} %",
    ),
    "table.percent_sum_open": (
        "Nhóm “{group}”: các tỷ lệ cộng ra {stated} %, lệch {rest} %: thiếu dòng hoặc tính trên các mẫu số khác nhau",
        "group “{group}”: the shares come to {stated} %, {rest} % off: a line is missing or the denominators differ",
    ),
    "table.mixed_precision": (
        "“{label}”: in {stated} % trong khi các dòng khác có {places} chữ số lẻ: {right} %",
        "“{label}”: printed as {stated} % beside shares with {places} decimals: {right} %",
    ),
    "table.base_missing": (
        "“{label}”: không nói tỷ lệ/phần này so với tổng nào. Có thể: {fits}",
        "“{label}”: it is not said what it is a share of. Possibly: {fits}",
    ),
    "table.of_unknown": (
        "“{name}” không phải một số, cũng không phải nhãn của đúng một dòng có số lượng",
        "“{name}” is neither a number nor the label of exactly one line with a value",
    ),
    "table.columns": (
        "Cột lạ hoặc lặp lại trong dòng 1: {unknown}; các cột dùng được: {columns}",
        "unknown or repeated columns in row 1: {unknown}; the columns are: {columns}",
    ),
    "table.cell_error": (
        "Dòng {row} có lỗi của bảng tính (#REF!, #DIV/0! …)",
        "row {row} holds a spreadsheet error (#REF!, #DIV/0! …)",
    ),
    "table.no_label_column": (
        "Dòng 1 phải có cột “Nội dung” (label); các cột khác: {columns}",
        "row 1 needs the column “label”; the others are: {columns}",
    ),
    # --- cross-agency checks: what is found, and what to do ----------------------------------------------------
    "check.methadone.not_listed": (
        "Người bệnh methadone không có trong sổ quản lý của công an",
        "methadone patients on no police list",
    ),
    "check.methadone.not_listed.todo": (
        "Công an cấp xã đối chiếu thông báo tiếp nhận điều trị (Mẫu 11) và lập hồ sơ, hoặc xác minh nơi cư trú.",
        "Commune police compare the notices of acceptance and open a file, or verify the residence.",
    ),
    "check.methadone.without_file": (
        "Người bệnh methadone không có hồ sơ người nghiện",
        "methadone patients without an addict's file",
    ),
    "check.methadone.without_file.todo": (
        "Công an cấp xã lập hồ sơ người nghiện hoặc quản lý sau cai; cơ sở điều trị gửi phiếu xác định.",
        "Commune police open an addict's or post-detox file; the site sends the determination slip.",
    ),
    "check.registry.addict_in_community_untreated": (
        "Người nghiện có mặt tại cộng đồng không ở hình thức cai nghiện, điều trị nào",
        "addicts in the community in no treatment",
    ),
    "check.registry.addict_in_community_untreated.todo": (
        "Công an cấp xã vận động, hướng dẫn đăng ký cai nghiện hoặc methadone; nếu đang điều trị thì cơ sở điều trị ghi sổ.",
        "Commune police guide the person to detox or methadone; if in treatment, the facility records it.",
    ),
    "check.determination.not_addicted_without_decision": (
        "Người được kết luận không nghiện mà chưa có quyết định quản lý người sử dụng",
        "persons concluded not addicted without a management decision",
    ),
    "check.determination.not_addicted_without_decision.todo": (
        "Công an cấp xã trình quyết định quản lý người sử dụng trái phép, hoặc ghi rõ lý do không quản lý.",
        "Commune police propose the management decision, or record why there is none.",
    ),
    "check.registry.user_without_decision": (
        "Người sử dụng trong sổ chưa có quyết định quản lý",
        "listed users without a management decision",
    ),
    "check.registry.user_without_decision.todo": (
        "Công an cấp xã bổ sung số và ngày quyết định, hoặc trình quyết định.",
        "Commune police fill in number and date of the decision, or propose one.",
    ),
    "check.registry.addict_without_slip": (
        "Người nghiện trong sổ chưa có phiếu kết luận nghiện",
        "listed addicts without an addicted conclusion",
    ),
    "check.registry.addict_without_slip.todo": (
        "Cơ sở y tế gửi phiếu đã có; chưa xác định thì công an đề nghị xác định.",
        "The facility sends the slip that there is; else police ask for a determination.",
    ),
    "check.determination.addicted_not_listed": (
        "Người được kết luận nghiện chưa có hồ sơ người nghiện",
        "persons concluded addicted without an addict's file",
    ),
    "check.determination.addicted_not_listed.todo": (
        "Công an cấp xã chuyển trạng thái trong sổ và lập hồ sơ người nghiện.",
        "Commune police change the status and open the addict's file.",
    ),
    "check.determination.addicted_untreated": (
        "Người được kết luận nghiện quá hạn mà chưa vào cai nghiện, điều trị",
        "persons concluded addicted who entered no treatment in time",
    ),
    "check.determination.addicted_untreated.todo": (
        "Cơ sở y tế và công an cấp xã hướng dẫn đăng ký cai nghiện, điều trị; quá hạn thì lập hồ sơ cai nghiện bắt buộc.",
        "Facility and commune police guide the person into treatment; past the limit a compulsory file is opened.",
    ),
    "check.methadone.two_sites": (
        "Người đang điều trị methadone ở hai cơ sở cùng lúc",
        "persons active at two methadone sites at once",
    ),
    "check.methadone.two_sites.todo": (
        "Hai cơ sở đối chiếu: kết thúc đợt ở cơ sở chuyển đi, hoặc tách liên kết nếu là hai người.",
        "The two sites compare: end the episode at the site left, or separate the link if they are two people.",
    ),
    "check.methadone.double_record": (
        "Người có hai hồ sơ methadone đang mở tại một cơ sở",
        "persons with two open methadone records at one site",
    ),
    "check.methadone.double_record.todo": (
        "Cơ sở hủy hồ sơ trùng hoặc ghi ngày kết thúc đợt cũ.",
        "The site withdraws the duplicate or ends the older episode.",
    ),
    "check.methadone.transfer_not_received": (
        "Chuyển cơ sở methadone mà nơi đến chưa tiếp nhận",
        "methadone transfers that nobody received",
    ),
    "check.methadone.transfer_not_received.todo": (
        "Cơ sở chuyển đi hỏi cơ sở tiếp nhận; chưa đến thì ghi lý do bỏ trị.",
        "The site asks the receiving one; if the person never came, the end reason is corrected.",
    ),
    "check.registry.in_centre_but_community": (
        "Người đang ở cơ sở cai nghiện mà sổ công an ghi có mặt tại cộng đồng",
        "persons in a centre whom the register has in the community",
    ),
    "check.registry.in_centre_but_community.todo": (
        "Công an cấp xã ghi dòng mới: đang ở cơ sở cai nghiện.",
        "Commune police add a row: in a detox facility.",
    ),
    "check.registry.died_in_detox_still_listed": (
        "Người đã chết khi cai nghiện mà sổ chưa đưa ra khỏi danh sách",
        "persons who died in detox and are still listed",
    ),
    "check.registry.died_in_detox_still_listed.todo": (
        "Công an cấp xã ghi ngày đưa ra khỏi danh sách.",
        "Commune police record the removal.",
    ),
    "check.registry.died_on_methadone_still_listed": (
        "Người bệnh methadone đã chết mà sổ chưa đưa ra khỏi danh sách",
        "methadone patients who died and are still listed",
    ),
    "check.registry.died_on_methadone_still_listed.todo": (
        "Công an cấp xã ghi ngày đưa ra khỏi danh sách.",
        "Commune police record the removal.",
    ),
    "check.registry.double_record": (
        "Người có hai hồ sơ quản lý đang mở",
        "persons with two open register records",
    ),
    "check.registry.double_record.todo": (
        "Hai đơn vị thống nhất một hồ sơ, đơn vị kia ghi chuyển đi; hoặc tách liên kết nếu là hai người.",
        "The two units agree on one record; or separate the link if they are two people.",
    ),
    "check.post_detox.not_in_register": (
        "Quản lý sau cai theo cơ sở cai nghiện nhưng không có trong sổ công an",
        "post-detox by the treatment side but not in the register",
    ),
    "check.post_detox.not_in_register.todo": (
        "Công an cấp xã ghi trạng thái quản lý sau cai theo quyết định.",
        "Commune police enter the post-detox status of the decision.",
    ),
    "check.post_detox.not_in_treatment": (
        "Quản lý sau cai theo sổ công an nhưng cơ sở cai nghiện không có",
        "post-detox by the register but not by the treatment side",
    ),
    "check.post_detox.not_in_treatment.todo": (
        "Cơ quan quản lý cai nghiện gửi quyết định, hoặc công an cấp xã ghi kết thúc.",
        "The detox agency sends the decision, or commune police end the status.",
    ),
    "check.drug_cases.without_outcome": (
        "Vụ việc về ma túy quá hạn chưa có kết quả xử lý",
        "drug cases without an outcome past the limit",
    ),
    "check.drug_cases.without_outcome.todo": (
        "Đơn vị thụ lý ghi ngày khởi tố hoặc xử phạt, hoặc báo cáo lý do kéo dài.",
        "The unit records prosecution or fine, or reports why it takes longer.",
    ),
    "check.treatment.unknown_facility": (
        "Hồ sơ điều trị tại cơ sở không có trong danh sách vào ngày đó",
        "treatment records at facilities not listed on the day",
    ),
    "check.treatment.unknown_facility.todo": (
        "Sở Y tế bổ sung cơ sở vào danh sách, hoặc đơn vị sửa mã cơ sở.",
        "The health department lists the facility, or the unit corrects the code.",
    ),
    "check.areas.not_classified": (
        "Xã, phường, thị trấn chưa được phân loại về trật tự xã hội",
        "communes missing from the public-order classification",
    ),
    "check.areas.not_classified.todo": (
        "Công an cấp huyện hoặc tỉnh bổ sung phân loại của xã.",
        "District or province police add the commune's class.",
    ),
    "check.units.no_register": (
        "Xã, phường, thị trấn mà công an xã chưa gửi bản ghi nào trong kỳ",
        "communes whose police sent no record in the period",
    ),
    "check.units.no_register.todo": (
        "Nhắc đơn vị nộp sổ, hoặc xác nhận không phát sinh.",
        "Remind the unit, or have it confirm that nothing happened.",
    ),
    "check.declared.contradiction": (
        "Số liệu đơn vị báo cáo tự mâu thuẫn",
        "declared figures that contradict each other",
    ),
    "check.declared.contradiction.todo": (
        "Đơn vị báo cáo sửa số liệu theo giá trị đúng đã nêu.",
        "The agency corrects the figures as shown.",
    ),
    "check.areas_sum": (
        "Các đơn vị của {area} cộng ra {total}, nhưng {area} báo cáo {whole}",
        "the parts of {area} come to {total}, yet {area} is declared with {whole}",
    ),
    "check.balance": (
        "Cân đối: {figure}: đầu kỳ + vào − ra = cuối kỳ",
        "balance of {figure}: opening + entries − exits = closing",
    ),
    "check.balance.todo": (
        "Quản trị hệ thống: xem các bản ghi được nêu, chạy “khopso check recompute”, rồi tính lại.",
        "Administrators: look at the records named, run “khopso check recompute”, then rebuild.",
    ),
    "check.flow.entered": ("người vào trong kỳ", "persons who entered in the period"),
    "check.flow.left": ("người ra trong kỳ", "persons who left in the period"),
    "check.flow.repeated_in": (
        "lượt vào thứ hai trở đi của một người (vào lại, chuyển cơ sở)",
        "entries beyond a person's first (re-entry, transfer)",
    ),
    "check.flow.repeated_out": (
        "lượt ra thứ hai trở đi của một người",
        "exits beyond a person's first",
    ),
    "check.flow.second": (
        "thay đổi số hồ sơ mở thứ hai của một người (hai cơ sở cùng lúc)",
        "change in open records beyond a person's first (two sites at once)",
    ),
    "check.flow.unexplained": ("chưa giải thích được", "unexplained"),
    "check.restated.withdrawn": (
        "đã sửa, hủy hoặc ghi kết thúc sau thời điểm đó",
        "corrected, withdrawn or ended by what was recorded since",
    ),
    "check.restated.linked": ("nay biết là cùng một người", "became known as the same person"),
    "check.restated.separated": ("nay biết là những người khác nhau", "became known as different persons"),
    "check.restated.late": ("ghi sổ muộn", "recorded late"),
    "check_opening_only": (
        "Chỉ dùng cho phép kiểm tra cân đối (balance.…)",
        "makes sense only for a balance (balance.…)",
    ),
    "check.overlap": ("Đếm ở nhiều dòng: {figure}", "counted in more than one row: {figure}"),
    "check.overlap.todo": (
        "Không phải lỗi: người này có bản ghi ở nhiều địa bàn hoặc cơ sở; cấp trên chỉ đếm một lần.",
        "No error: the person has records in several areas or facilities; the level above counts them once.",
    ),
    "check.recompute": (
        "Tính lại từ mọi bản ghi gốc và so với bảng đang dùng",
        "recomputed from every version, against the tables in use",
    ),
    "check.recompute.todo": (
        "Quản trị hệ thống: chạy “khopso rebuild reporting” và tìm nguyên nhân sai khác.",
        "Administrators: run “khopso rebuild reporting” and find the cause of the difference.",
    ),
    "check_unknown": ("Không có phép kiểm tra này{hint}", "there is no such check{hint}"),
    "check_role": (
        "Danh sách kiểm tra dành cho các cơ quan phối hợp; tài khoản phân tích xem số liệu đã công bố",
        "checks are working lists of the agencies; analysts use published figures",
    ),
    "check_parties": (
        "Phép kiểm tra này dành cho các cơ quan có sổ được đối chiếu và cơ quan thường trực",
        "this check is for the agencies whose registers it compares and for the committee",
    ),
    "check_records_hidden": (
        "Danh sách chỉ hiện cho cán bộ (official) hoặc quản trị của cơ quan chủ trì phép kiểm tra hay của Ban Chỉ đạo, trong địa bàn của mình",
        "the list is shown to officials and administrators of the check's owner or of the committee, within their area",
    ),
    "check_page": ("Số nguyên từ {least} đến {most}", "a whole number from {least} to {most}"),
    "check_no_days": ("Phép kiểm tra này không có thời hạn ngày", "this check has no limit in days"),
}
