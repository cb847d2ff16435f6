"""Routes of a rotation of the linkage secret in one service: where it stands, and its next bit of work.

`khopso keys rotate linkage` goes through the services step by step; the order between services is in ADR 28.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, TypeAdapter

from contracts.topics import LINKAGE_TOPICS, owned_by
from services.chassis.http import Problem, Work, require_right
from services.chassis.kafka import erasing
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.platform import Platform
from services.chassis.problems import documented
from services.chassis.runtime import get_logger
from services.chassis.security import DecryptionFailedError, HashingClient, Principal
from services.registers import linkage_epochs, renewing
from services.registers.engine import Intake

_log = get_logger(__name__)
_Rotates = Annotated[Principal, Depends(require_right("rotate_keys"))]
Step = Literal["none", "collecting", "checked", "rewriting", "rewritten", "emptied", "renamed", "done"]
"""How far a rotation is in a service: no rotation; keys are being collected; each key in the outbox is explained; events
are being rewritten, are rewritten; their topics are emptied; the index has other tokens; nothing is left to do."""
_STEP: TypeAdapter[Step] = TypeAdapter(Step)
Target = Literal["none", "checked", "rewritten", "emptied", "done"]


class LinkageState(BaseModel):
    """The epoch of a service's keys and the step of a rotation; ``done``: records or events of the last bit of work.

    ``abandoned`` counts tokens of the index that no event explains any more: they got names without a key.
    """

    epoch: int
    step: Step
    done: int = 0
    abandoned: int = 0


class NextStep(BaseModel):
    """How far to go, and how many records or events at most in this request."""

    to: Target
    limit: int = Field(default=1_000, ge=1, le=20_000)
    abandon: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a rotation needs of a service. ``rename`` is that of the service with the person index.

    It gives the index the new tokens, in the session's transaction, and returns how many tokens no event explains; with
    its second argument False it refuses (`renewing.TokensLeftError`) where there are any.
    ``last_topics`` are emptied after it; of the topics ``heard`` dead letters are erased.
    """

    platform: Platform
    intake: Intake
    rename: Callable[[AsyncSession, bool], Awaitable[int]] | None = None
    last_topics: Sequence[str] = ()
    heard: Sequence[str] = ()

    @property
    def topics(self) -> list[str]:
        """Return the topics of the service whose events have linkage keys."""
        owned = {topic.name for topic in owned_by(self.platform.settings.service)}
        return [name for name in LINKAGE_TOPICS if name in owned]

    @property
    def hashing(self) -> HashingClient:
        """Return the way to the hashing process."""
        if self.platform.hashing is None:
            raise RuntimeError("this service reaches no hashing process")
        return self.platform.hashing

    async def go_on(self, work: UnitOfWork, wanted: NextStep, by: str) -> LinkageState:
        """Do the next bit of work towards the step; where it is reached already, nothing."""
        async with work() as session:
            found = await linkage_epochs.read(session, lock=True)
            step = _STEP.validate_python(found.step)
            if step == wanted.to or _ORDER[step] > _ORDER[wanted.to] > 0:
                return LinkageState(epoch=found.epoch, step=step)
            done, abandoned = 0, 0
            if wanted.to == "none" and step != "done":
                await self._give_up(session, step, found.epoch)
            elif step == "none":
                await self._begin(session, found.epoch)
            elif step == "collecting":
                done = await self._collect(session, wanted.limit)
            elif step == "checked":
                await self._may_rewrite(session)
            elif step == "rewriting":
                done = await self._rewrite(session, wanted.limit)
            elif step == "emptied":
                abandoned = await self._rename(session, wanted.abandon)
            elif step == "done":
                await self._finish(session, found.epoch)
        # Logs are emptied after the commit of what they are filled with anew.
        if step == "rewritten":
            await self._empty(work, self.topics, "emptied")
        elif step == "renamed":
            async with work() as session:
                await erasing.erase_topics(session, self.heard, by, self.platform.clock())
            await self._empty(work, [*self.last_topics, *erasing.copies_of(self.heard)], "done")
        async with work() as session:
            now = await linkage_epochs.read(session)
        return LinkageState(
            epoch=now.epoch, step=_STEP.validate_python(now.step), done=done, abandoned=abandoned
        )

    async def _begin(self, session: AsyncSession, epoch: int) -> None:
        asked = await self.hashing.epoch()
        if not asked.rotating or asked.epoch != epoch:
            raise Problem(409, "linkage_not_rotating", epoch=epoch, hashing=asked.epoch)
        await linkage_epochs.wait_for_hand_ins(session)
        # Parts of record keys that an early release hashed under the linkage secret must not stay behind.
        for register in self.intake.registers.values():
            await self.intake.renew_keys(session, register)
        await renewing.forget_pairs(session)
        await linkage_epochs.write(session, step="collecting", at_record=None, at_event=0)

    async def _collect(self, session: AsyncSession, limit: int) -> int:
        intake = self.intake
        done = await renewing.collect(session, intake.registers, intake.vault, self.hashing.renew, limit)
        if not done:
            left = await renewing.unexplained(session, self.topics)
            if left:
                kinds = ", ".join(f"{kind} {keys}" for kind, keys in sorted(left.items()))
                raise Problem(409, "linkage_unexplained", keys=left.total(), kinds=kinds)
            await linkage_epochs.write(session, step="checked")
        return done

    async def _may_rewrite(self, session: AsyncSession) -> None:
        # A relay holds what it is about to send in memory, with the former keys.
        unsent = await renewing.unsent(session, [*self.topics, *self.last_topics])
        if unsent:
            raise Problem(409, "linkage_unsent", events=unsent)
        await linkage_epochs.write(session, step="rewriting")

    async def _rewrite(self, session: AsyncSession, limit: int) -> int:
        done = await renewing.rewrite(session, self.topics, limit)
        if not done:
            await renewing.forget_pairs(session)
            await linkage_epochs.write(session, step="rewritten")
        return done

    async def _rename(self, session: AsyncSession, abandon: bool) -> int:
        if self.rename is None:
            await linkage_epochs.write(session, step="done")
            return 0
        try:
            abandoned = await self.rename(session, abandon)
        except renewing.TokensLeftError as left:
            raise Problem(409, "linkage_tokens_left", tokens=left.tokens) from None
        await linkage_epochs.write(session, step="renamed")
        return abandoned

    async def _give_up(self, session: AsyncSession, step: Step, epoch: int) -> None:
        """End a rotation that has changed nothing yet; Problem 409 for one that has to be gone through."""
        asked = await self.hashing.epoch()
        if step not in ("collecting", "checked") or asked.rotating or asked.epoch != epoch:
            raise Problem(409, "linkage_not_done")
        await renewing.forget_pairs(session)
        await linkage_epochs.write(session, step="none", at_record=None, at_event=0)

    async def _finish(self, session: AsyncSession, epoch: int) -> None:
        asked = await self.hashing.epoch()
        if asked.rotating or asked.epoch != epoch + 1:
            raise Problem(409, "linkage_still_rotating", epoch=epoch + 1, hashing=asked.epoch)
        await linkage_epochs.write(session, step="none", epoch=epoch + 1, at_record=None, at_event=0)

    async def _empty(self, work: UnitOfWork, topics: Sequence[str], step: Step) -> None:
        try:
            await erasing.renew_logs(work, self.platform.settings, topics)
        except erasing.LogsNotRenewedError as failed:
            raise Problem(503, "linkage_logs", headers={"Retry-After": "10"}) from failed
        async with work() as session:
            await linkage_epochs.write(session, step=step)


_STEPS: Sequence[Step] = (
    "none",
    "collecting",
    "checked",
    "rewriting",
    "rewritten",
    "emptied",
    "renamed",
    "done",
)
_ORDER: Mapping[str, int] = {step: place for place, step in enumerate(_STEPS)}


def renewal_router(renewal: Renewal) -> APIRouter:
    """Return the routes of a service whose forms hold identity."""
    routes = APIRouter(prefix="/v1/keys/linkage", tags=["operations"])

    @routes.get("", operation_id="get_linkage_epoch")
    async def linkage_epoch(_: _Rotates, work: Work) -> LinkageState:
        async with work() as session:
            found = await linkage_epochs.read(session)
        return LinkageState(epoch=found.epoch, step=_STEP.validate_python(found.step))

    conflict: dict[int | str, dict[str, Any]] = {409: documented("api.response.rotation")}

    @routes.post("/rotate", operation_id="rotate_linkage_keys", responses=conflict)
    async def rotate_linkage_keys(wanted: NextStep, caller: _Rotates, work: Work) -> LinkageState:
        try:
            state = await renewal.go_on(work, wanted, caller.subject)
        except DecryptionFailedError:
            raise Problem(409, "field_key_missing") from None
        _log.info("linkage keys renewed", step=state.step, rows=state.done, by=caller.subject)
        return state

    return routes
