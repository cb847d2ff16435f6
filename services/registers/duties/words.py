"""What duties are called, and how sure their limits are."""

from services.registers.duties.model import Duty
from texts import Message, message


def rule_text(rule: str) -> Message:
    """Return what is to be done by a rule."""
    return message(f"duty.{rule}")


def doubt_text(duty: Duty) -> Message | None:
    """Return why the limit may be another one; None where it is sure."""
    return Message(*duty.limit.doubt) if any(duty.limit.doubt) else None
