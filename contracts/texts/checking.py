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
    "table.formula": (
        "Dòng {row} chứa công thức hoặc lỗi của bảng tính; hãy dán giá trị",
        "row {row} holds a formula or a spreadsheet error: paste its value instead",
    ),
    "table.no_label_column": (
        "Dòng 1 phải có cột “Nội dung” (label); các cột khác: {columns}",
        "row 1 needs the column “label”; the others are: {columns}",
    ),
}
