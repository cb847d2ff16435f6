"""The registers that this service keeps."""

from services.registers import collect
from services.registry.timeline import prepare, register

REGISTERS = collect(register(prepare))
"""By form name."""
