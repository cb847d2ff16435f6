"""The form that `reporting` owns: what an agency declares by hand."""

from contracts.forms.spec import COMMON, Column, Form, Kind
from reference import AGENCY

REPORTING_FORMS = (
    Form(
        name="declared",
        service="reporting",
        vi="Số liệu đơn vị báo cáo",
        en="Declared figures",
        key=("agency", "figure", "area_code", "as_of|period_from+period_to"),
        dated_by=("as_of", "period_to"),
        searched=False,
        order=(("period_from", "period_to"),),
        paired=(("period_from", "period_to"), ("period_to", "period_from")),
        columns=(
            Column("agency", "Cơ quan", Kind.CODE, required=True, codes=AGENCY),
            Column("figure", "Mã số liệu", Kind.FIGURE, required=True),
            Column("area_code", "Mã địa bàn", Kind.AREA, required=True),
            Column("as_of", "Tính đến ngày", Kind.DATE),
            Column("period_from", "Kỳ từ ngày", Kind.DATE, plan=True),
            Column("period_to", "Kỳ đến ngày", Kind.DATE, plan=True),
            Column("value", "Giá trị", Kind.DECIMAL, required=True),
            Column("declared_on", "Ngày báo cáo", Kind.DATE),
            Column("source", "Nguồn"),
            *COMMON,
        ),
    ),
)
