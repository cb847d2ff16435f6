"""The page on which one of the invented people is chosen."""

from collections.abc import Mapping
from html import escape
from string import Template
from urllib.parse import urlencode

from deploy.embedded.people import ROLES, people
from reference import unit_name
from texts import Language, Message, message

_PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
:root { color-scheme: light dark; background: Canvas; color: CanvasText; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid; vertical-align: top; }
.wide { overflow-x: auto; }
</style>
<main>
<h1>$title</h1>
<p>$about</p>
<div class="wide"><table>
<thead><tr><th scope="col">$unit</th><th scope="col">$as_role</th></tr></thead>
<tbody>
$rows
</tbody>
</table></div>
</main>
</html>
""")

_NAMES = {"admin": "administrator"}


def people_page(fields: Mapping[str, str]) -> str:
    """Return the page; each person is a link that repeats the request (``fields``) and names the person."""
    language: Language = "en" if fields.get("ui_locales", "").startswith("en") else "vi"

    return _PAGE.substitute(
        language=language,
        title=_shown(message("page.people.title"), language),
        about=_shown(message("page.people.about"), language),
        unit=_shown(message("page.people.unit"), language),
        as_role=_shown(message("page.people.role"), language),
        rows="\n".join(_row(kind, unit, fields, language) for kind, unit in _units()),
    )


def _units() -> list[tuple[str, str]]:
    """Return kind and unit of every office that has people, each once."""
    found = {name.partition(".")[2]: person.unit for name, person in people().items()}
    return list(found.items())


def _row(kind: str, unit: str, fields: Mapping[str, str], language: Language) -> str:
    links = []
    for role in ROLES:
        address = "/authorize?" + urlencode({**fields, "person": f"{role}.{kind}"})
        called = _shown(message(f"role.{_NAMES.get(role, role)}"), language)
        links.append(f'<a href="{escape(address)}">{called}</a>')
    name = f"{escape(unit_name(unit))} <small>{escape(unit)}</small>"
    return f'<tr><th scope="row">{name}</th><td>{" · ".join(links)}</td></tr>'


def _shown(text: Message, language: Language) -> str:
    return escape(text.in_language(language))
