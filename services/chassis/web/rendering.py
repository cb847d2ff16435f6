"""Pages from templates: one environment for each package of templates and language, with the texts of that language."""

import gzip
import importlib.resources
import io
import secrets
import sys
from collections.abc import Mapping
from functools import lru_cache, partial

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from reference import unit_name
from services.chassis.security import Principal
from services.chassis.web.assets import asset
from services.chassis.web.models import Page, Reader, Text
from services.chassis.web.words import moment_text
from texts import Language, Message, day_written, message, number_written

_WEB = __package__
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # Addresses hold ids of records and stated purposes, which no other site may learn.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every page is sent with: nothing inline, nothing from elsewhere, in nobody's frame, kept by no cache."""

IN_PLACE = Markup('hx-boost:inherited="target:#main, select:#main, swap:outerHTML, selectOOB:#return-to"')
"""Put into a form or navigation of templates: where script runs, it changes what the page says and leaves its frame.

Only for what shows the same page with another choice: heads and ways of pages are not changed.
"""


_WORTH_PACKING = 1_000
_LEVEL = 6
_MOST_PADDING = 100


def language_of(request: Request) -> Language:
    """Return the language of the pages: English where the browser (or the gateway for it) asks for it first."""
    # The first wish alone: there are two languages, and whoever wants a third one reads Vietnamese, the language of the
    # forms.
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip().lower()
    return "en" if first.split("-")[0] == "en" else "vi"


def answer(
    request: Request, page: Page, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Return a whole page. A request of htmx gets the same, and takes out of it what it wants (``hx-select``)."""
    text = rendered(request, page).encode()
    # Ours come last, so that no page can loosen its policy by mistake.
    own = {**(headers or {}), **HEADERS, "Vary": "Accept-Encoding"}
    if len(text) < _WORTH_PACKING or "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(text, status, headers=own)
    return HTMLResponse(_packed(text), status, headers={**own, "Content-Encoding": "gzip"})


def _packed(text: bytes) -> bytes:
    """Return the text packed, with a name of random length in its head: else its length would tell what of a request it repeats."""
    packed = io.BytesIO()
    name = "x" * secrets.randbelow(_MOST_PADDING)
    with gzip.GzipFile(name, "wb", _LEVEL, packed, mtime=0) as file:
        file.write(text)
    return packed.getvalue()


def rendered(request: Request, page: Page) -> str:
    """Return the text of a page for the request's language and reader."""
    template = environment(templates_of(type(page).__module__), language_of(request)).get_template(
        page.template
    )
    return template.render(page=page, reader=_reader(request), address=_address(request))


def _reader(request: Request) -> Reader | None:
    """Return who reads: named by whoever answers in ``request.state.reader``, else the caller by the token."""
    named: Reader | None = getattr(request.state, "reader", None)
    caller: Principal | None = getattr(request.state, "principal", None)
    if named is not None or caller is None:
        return named
    return Reader(name=caller.subject, unit=unit_name(caller.unit))


def _address(request: Request) -> str:
    """Return the page's own address without its origin, to come back to after a change of language."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


@lru_cache(maxsize=256)
def templates_of(module: str) -> str:
    """Return the package with the templates of the pages of a module: its own package, or the nearest one above.

    Raises:
        LookupError: none of them has a folder ``templates``.
    """
    package = sys.modules[module].__package__ or ""
    while package:
        if importlib.resources.files(package).joinpath("templates").is_dir():
            return package
        package = package.rpartition(".")[0]
    raise LookupError(f"no folder of templates beside or above {module}")


@lru_cache(maxsize=64)
def environment(package: str, language: Language) -> Environment:
    """Return the environment of a package's templates in one language.

    The chassis' own ones (``templates/layout.html``, ``templates/parts.html``) are
    called by ``web/`` and their name. An undefined name is an error, and every value is
    escaped.
    """
    loader = ChoiceLoader(
        [PackageLoader(package, "templates"), PrefixLoader({"web": PackageLoader(_WEB, "templates")})]
    )
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        lang=language,
        other_language="vi" if language == "en" else "en",
        t=partial(_text, language),
        say=partial(say, language),
        number=partial(number_written, language=language),
        day=day_written,
        moment=moment_text,
        asset=asset,
        in_place=IN_PLACE,
    )
    return made


def say(language: Language, text: Text) -> str:
    """Return a text in the language; what is the same in both languages as it is."""
    return text.in_language(language) if isinstance(text, Message) else text


def _text(language: Language, code: str, /, **values: object) -> str:
    return message(code, **values).in_language(language)
