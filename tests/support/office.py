"""LibreOffice, as the tests run it."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.system_tools import require
from typesetting import FONTS

_SECONDS = 280
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>Times New Roman</family><prefer><family>Liberation Serif</family></prefer></alias>
</fontconfig>
"""


def convert(folder: Path, files: Sequence[Path], kind: str) -> Path:
    """What LibreOffice makes of the files; the folder that holds it. A user profile of its own: nothing is shared.

    Its only fonts are those shipped with the reports: older ones of the same name lack Vietnamese letters.
    """
    office = require("soffice")
    out = folder / f"as-{kind.partition(':')[0]}"
    profile = (folder / "profile").as_uri()
    command = [
        office,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(out),
    ]
    settings = folder / "fonts.conf"
    settings.write_text(_FONTS.format(fonts=FONTS, cache=folder / "font-cache"), encoding="utf-8")
    environment = {**os.environ, "FONTCONFIG_FILE": str(settings)}
    subprocess.run(
        [*command, *map(str, files)], check=True, capture_output=True, timeout=_SECONDS, env=environment
    )
    return out
