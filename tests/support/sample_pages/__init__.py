"""Invented pages with every part that the frame has, for tests of the frame itself."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Request, Response

from services.chassis.http.app import Caller, Problem
from services.chassis.web import (
    Breadcrumb,
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    Link,
    Option,
    Page,
    SentForm,
    SummaryRow,
    Table,
    Task,
    answer,
    page_router,
    read_form,
)
from texts import Message

SERVICE = "registry"
HOME = Breadcrumb(text=Message("Trang chủ", "Home"), href="/")


@dataclass(frozen=True, kw_only=True)
class PartsPage(Page):
    """A page with every part once."""

    template: ClassVar[str] = "parts_of_pages.html"
    name: str = ""
    tasks: tuple[Task, ...] = ()
    rows: tuple[SummaryRow, ...] = ()
    table: Table
    options: tuple[Option, ...] = ()
    saved: bool = False


PARTS = PartsPage(
    title=Message("Nhập một hồ sơ", "Enter one record"),
    breadcrumbs=(HOME, Breadcrumb(text=Message("Sổ mẫu", "Sample register"))),
    navigation=(
        Link(text=Message("Sổ mẫu", "Sample register"), href="/registry/", current=True),
        Link(text=Message("Trang khác", "Another page"), href="/registry/other"),
    ),
    tasks=(
        Task(
            text=Message("Phiếu xác định", "Slips"),
            href="/registry/other",
            status=Message("3 quá hạn", "3 late"),
            kind="bad",
        ),
        Task(
            text=Message("Sổ quản lý", "Register"),
            hint=Message("Hạn 15/12/2023", "Due 15/12/2023"),
            status=Message("Đã nộp", "Handed in"),
            kind="good",
        ),
    ),
    rows=(
        SummaryRow(
            term=Message("Ngày kết luận", "Day of conclusion"),
            value="03/11/2023",
            links=(Link(text=Message("Sửa", "Correct"), href="/registry/other"),),
        ),
        SummaryRow(term=Message("Số phiếu", "Number"), value="P-0001"),
    ),
    table=Table(
        caption=Message("Số người theo xã", "Persons by commune"),
        columns=(
            Column(text=Message("Xã", "Commune")),
            Column(text=Message("Số người", "Persons"), number=True),
        ),
        rows=(
            (Cell(text="Phường Ễ Ộ"), Cell(text="1.234", bar=100)),
            (Cell(text="Xã Thử"), Cell(text="617", bar=50)),
        ),
    ),
    options=(Option(value="m", text=Message("Nam", "Male")), Option(value="f", text=Message("Nữ", "Female"))),
)

Sent = Annotated[SentForm, Depends(read_form)]


def sample_router(service: str = SERVICE) -> APIRouter:
    """Return routes of the sample pages: a form that refuses an empty name, and a problem."""
    router = page_router(service)

    @router.get("/")
    async def parts(request: Request, caller: Caller) -> Response:
        return answer(request, PARTS)

    @router.get("/other")
    async def other(request: Request, caller: Caller, known: str = "") -> Response:
        return answer(request, replace(PARTS, title=known or "Another", saved=True))

    @router.post("/")
    async def save(request: Request, caller: Caller, sent: Sent) -> Response:
        name = sent.one("name")
        if name:
            return answer(request, replace(PARTS, name=name, saved=True))
        fault = FieldFault(field="name", text=Message("Chưa nhập họ và tên", "Enter the full name"))
        return answer(request, replace(PARTS, errors=ErrorSummary(faults=(fault,))), 422)

    @router.post("/search")
    async def search(request: Request, caller: Caller, sent: Sent) -> Response:
        return answer(request, replace(PARTS, name=sent.one("name")))

    @router.get("/missing")
    async def missing(caller: Caller) -> Any:
        raise Problem.not_found()

    @router.get("/broken")
    async def broken(caller: Caller) -> Any:
        raise RuntimeError("planted")

    return router
