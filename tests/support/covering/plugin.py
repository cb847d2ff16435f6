"""A plugin of pytest (``-p tests.support.covering.plugin``): measures what the tests of its process pass.

It must be loaded before the modules that it measures are: named on the command line, not in a conftest.
"""

import builtins
import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest
from coverage import Coverage

from tests.support.covering.handing import sources
from tests.support.covering.marking import Marked, marked

_root = Path.cwd()
_measured = tuple(f"{_root / source}/" for source in sources())
_plain_code = SourceFileLoader.get_code
_modules: dict[str, Marked] = {}


def _code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
    """Return a module's code: with marks, where it is measured."""
    path = loader.get_filename(fullname)
    if not path.startswith(_measured):
        return _plain_code(loader, fullname)
    if path not in _modules:
        name = f"_marks_{len(_modules)}"
        _modules[path] = marked(loader.get_data(path), path, name)
        # Found like a global by every function of the module, and seen by nobody who looks at the module's own names.
        setattr(builtins, name, _modules[path].marks)
    return _modules[path].code


SourceFileLoader.get_code = _code  # type: ignore[method-assign, assignment]


def pytest_configure(config: pytest.Config) -> None:
    """Have coverage.py follow the processes that tests start, but no worker of xdist: that is measured here."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses"):
        os.environ["COVERAGE_PROCESS_CONFIG"] = Coverage().config.serialize()


def pytest_unconfigure() -> None:
    """Write down what was passed."""
    found = {str(Path(path).relative_to(_root)): vars(module.passed()) for path, module in _modules.items()}
    file = Path(f"{Coverage().config.data_file}.{os.getpid()}.json")
    file.write_text(json.dumps(found), encoding="utf-8")
