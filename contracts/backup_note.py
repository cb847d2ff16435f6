"""What `khopso backup` notes of a back-up where services can read it: when it was made, which one, whether it was read again."""

from pydantic import AwareDatetime, BaseModel, ConfigDict


class BackupNote(BaseModel):
    """The last back-up. ``digest`` names it; ``read_again``: every file of it was read after writing and is as it was written.

    Whether it can be restored is known only from a restore.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    made_at: AwareDatetime
    version: str
    digest: str
    read_again: bool
