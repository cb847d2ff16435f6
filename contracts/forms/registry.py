"""The form that `registry` owns (police: commune → province)."""

from contracts.forms.spec import COMMON, PERSON, Column, Form, Kind, identity
from reference import PRESENCE, STATUS

REGISTRY_FORMS = (
    Form(
        name="registry",
        service="registry",
        vi="Sổ quản lý người sử dụng, người nghiện ma túy",
        en="Register of drug users and addicts under management",
        key=("record_no", "status_from"),
        person_key=("record_no",),
        identity=True,
        dated_by=("status_from",),
        order=(("status_from", "status_to"), ("status_from", "removed_on")),
        paired=(
            ("presence_from", "presence"),
            ("psychosis_from", "psychosis"),
            ("removal_reason", "removed_on"),
            ("decision_date", "decision_no"),
        ),
        apart=PERSON,
        columns=(
            Column("record_no", "Số hồ sơ", required=True),
            *identity(),
            Column("status", "Diện quản lý", Kind.CODE, required=True, codes=STATUS),
            Column("status_from", "Từ ngày", Kind.DATE, required=True),
            Column("status_to", "Đến ngày", Kind.DATE, plan=True),
            Column("decision_no", "Số quyết định"),
            Column("decision_date", "Ngày quyết định", Kind.DATE),
            Column("presence", "Tình trạng có mặt", Kind.CODE, codes=PRESENCE),
            Column("presence_from", "Có mặt từ ngày", Kind.DATE),
            Column("psychosis", "Có biểu hiện loạn thần", Kind.FLAG),
            Column("psychosis_from", "Loạn thần từ ngày", Kind.DATE),
            Column("removed_on", "Ngày đưa ra khỏi danh sách", Kind.DATE),
            Column("removal_reason", "Lý do đưa ra khỏi danh sách"),
            *COMMON,
        ),
    ),
)
