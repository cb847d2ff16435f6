"""``python -m khopso``: the same as the installed command."""

from khopso.cli import main

main()
