"""The form ``methadone`` as this service keeps it."""

from collections.abc import Iterator

from contracts.forms import FORMS
from services.registers import Fault, Register, Row
from services.treatment.methadone.domain import transfer_is_told
from services.treatment.methadone.messages import CORRECTED, VOIDED, milestones, snapshot


def only_a_transfer_has_a_receiver(row: Row, _: None) -> Iterator[Fault]:
    """`transferred_to` stands only beside the reason `transferred`."""
    if not transfer_is_told(row.opt_code("end_reason"), row.opt_text("transferred_to")):
        yield row.fault("transferred_to", "only_transferred")


REGISTER = Register(
    form=FORMS["methadone"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    rules=(only_a_transfer_has_a_receiver,),
)
