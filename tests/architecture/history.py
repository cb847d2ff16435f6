"""Rules about what is released and may not change any more."""

import sys
from collections.abc import Iterator

from tests.architecture.source import Finding, Source


def migrations_import_no_project_code(source: Source) -> Iterator[Finding]:
    """A revision does for ever what it did when it was released, so it calls nothing that changes."""
    if source.parts[0] != "services" or "migrations" not in source.parts[:-1]:
        return
    for line, module in source.imports():
        top = module.split(".")[0]
        if top not in ("alembic", "sqlalchemy") and top not in sys.stdlib_module_names:
            yield line, f"a migration imports {module}"
