"""Who may back up and restore: whoever runs the machine, as the province's table of rights says (right ``rebuild``)."""

from datetime import datetime
from pathlib import Path

from contracts.envelope import VIETNAM
from contracts.forms import FORMS
from deploy.embedded import person_named
from khopso.api import Api
from khopso.commands.options import operator
from khopso.failure import Exit, FailureError
from khopso.settings import CliSettings
from reference import authority
from texts import Message, joined, message

_RIGHT = "rebuild"
_IN_TOKENS = {"administrator": "admin"}


def check_operator(person: str | None) -> None:
    """Raise a FailureError (exit 1) where ``--as`` names one of the stack's people who does not run the machine.

    Asked before anything is written, and of the table itself: on an empty machine there is no service to ask.
    """
    chosen = person_named(person) if person else None
    if chosen is None:
        return
    rows = authority(frozenset(FORMS)).on("actions", datetime.now(VIETNAM).date())
    roles = sorted({row["role"] for row in rows if row["action"] == _RIGHT})
    if chosen.role not in {_IN_TOKENS.get(role, role) for role in roles}:
        raise FailureError(Exit.REFUSED, "operator_only", person=chosen.subject, roles=_spoken(roles))


def asking(data_dir: Path, person: str | None) -> Api:
    """Return the services as called by somebody who sees exact figures, after asking one thing as who runs the machine.

    That one thing is refused to anybody else in the service's words, and leaves a row in its audit: who backed up.
    Whoever runs the machine sees no figures, so on the embedded stack the committee's official asks for these. A token
    from the environment is one person's, so that person must see figures.
    """
    if CliSettings().token is None:
        with Api(data_dir, person=person, who=operator()) as runs:
            runs.get("reporting", "/v1/rebuild", patience_seconds=20.0)
    return Api(data_dir, person=None if person and person_named(person) else person)


def _spoken(roles: list[str]) -> Message:
    return joined([message(f"role.{role}") for role in roles], ", ")
