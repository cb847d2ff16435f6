"""The registers that this service keeps."""

from services.registers import collect
from services.registry.timeline import form, repository

REGISTERS = collect(form.register(repository.prepare))
"""By form name."""
