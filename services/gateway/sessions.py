"""Sessions of browsers: kept here, known to the browser by a random value only, ended when idle, old or signed out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel
from sqlmodel import col, delete

from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.runtime import Clock, Metrics
from services.chassis.security import FieldCipher, NotAuthenticatedError, Principal, TokenVerifier
from services.gateway import pins
from services.gateway.provider import Identity, Provider, ProviderUnreachableError, SignInRefusedError, Tokens
from services.gateway.settings import GatewaySettings
from services.gateway.tables import SessionRow

_SECRET_BYTES = 32
_SEEN_EVERY = timedelta(seconds=30)
_KEPT_AFTER_END = timedelta(hours=1)
# So long before its end a token is renewed: it must still be good where a service looks at it.
_MARGIN_SECONDS = 30.0
_CLOCKS_APART = timedelta(seconds=10)


class SealedTokens(BaseModel):
    """The provider's tokens as they are stored, encrypted. The identity token is needed to sign out there."""

    access: str
    refresh: str | None
    identity: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on; ``pinned``: it has a PIN."""

    id: bytes
    subject: str
    unit: str
    role: str
    area: str
    access_token: str
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that has ended, and whose it was."""

    subject: str


@dataclass(frozen=True, slots=True)
class Locked:
    """A session that its PIN opens again, and whose it is. Until then nothing is done for it."""

    subject: str


State = Literal["open", "locked", "ended"]


@dataclass(frozen=True, slots=True)
class Left:
    """Whose session it is, and how many seconds are left of it."""

    subject: str
    seconds: int


def hash_of(cookie: str) -> bytes:
    """Return the id under which the session of a cookie's value is stored."""
    # Who reads the database can take over no session. A fast hash will do: nobody guesses 32 random bytes.
    return hashlib.sha256(cookie.encode()).digest()


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one gateway."""

    uow: UnitOfWork
    cipher: FieldCipher
    provider: Provider
    verifier: TokenVerifier
    settings: GatewaySettings
    metrics: Metrics
    clock: Clock

    async def begin(
        self, tokens: Tokens, identity: Identity, before: str | None, *, since: datetime | None = None
    ) -> str:
        """Begin a session for whom the tokens name; return the value of its cookie, which is always a new one.

        ``before`` is the cookie's value of the browser's session until now, which ends. ``since``: only who has proved at the
        provider after then who he is begins one.

        Raises:
            SignInRefusedError: the services would not take the access token, it is somebody else's, or the person has not
                proved who he is since then, or the provider does not say when.
        """
        caller = await self._caller(tokens)
        if caller.subject != identity.subject:
            raise SignInRefusedError("subject")
        if since is not None:
            _require_proof(identity.signed_in_at or caller.signed_in_at, since)
        value, now = secrets.token_urlsafe(_SECRET_BYTES), self.clock()
        row = SessionRow(
            id=hash_of(value),
            subject=caller.subject,
            unit=caller.unit,
            role=caller.role,
            area=caller.area,
            provider_session=identity.session,
            refresh_at=now,
            access_until=now,
            begun_at=now,
            seen_at=now,
            until=now + timedelta(seconds=self.settings.session_seconds),
        )
        self._put(row, tokens, now)
        async with self.uow() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.until) < now - _KEPT_AFTER_END))
            if before:
                await self._replace(session, hash_of(before), row)
            session.add(row)
        return value

    async def _replace(self, session: AsyncSession, before: bytes, row: SessionRow) -> None:
        """End the browser's session until now. Who only proves again who he is keeps the PIN that he has set in it."""
        earlier = await session.get(SessionRow, before, with_for_update=True)
        if earlier is None:
            return
        goes_on = earlier.subject == row.subject and self.state(earlier, row.begun_at) == "open"
        if goes_on and earlier.pin is not None:
            row.pin = pins.moved(earlier.pin, self.cipher, earlier.id, row.id)
            row.pin_tries = earlier.pin_tries
        await session.delete(earlier)

    async def find(self, cookie: str | None) -> Session | Locked | Ended | None:
        """Return the session of a cookie's value, its tokens good for some time; None where there never was one.

        Raises:
            ProviderUnreachableError: the access token has ended and cannot be renewed now.
        """
        if not cookie:
            return None
        now = self.clock()
        async with self.uow() as session:
            row = await session.get(SessionRow, hash_of(cookie))
            if row is None:
                return None
            state = self.state(row, now)
            if state == "locked":
                return Locked(row.subject)
            if state == "ended":
                row.tokens = None
                return Ended(row.subject)
            if now - row.seen_at > _SEEN_EVERY:
                # Of two requests at once neither may put the clock back.
                row.seen_at = now
        return self._session(row) if now < row.refresh_at else await self._refreshed(row.id)

    async def left(self, cookie: str | None) -> Left | Locked | None:
        """Return how long a session still goes on if nothing is done in it; asking is nothing done. None where it has ended."""
        if not cookie:
            return None
        async with self.uow() as session:
            row = await session.get(SessionRow, hash_of(cookie))
        now = self.clock()
        state = "ended" if row is None else self.state(row, now)
        if row is None or state == "ended":
            return None
        if state == "locked":
            return Locked(row.subject)
        idle = row.seen_at + timedelta(seconds=self.settings.session_idle_seconds)
        return Left(row.subject, int((min(idle, row.until) - now).total_seconds()))

    async def end(self, cookie: str | None) -> str | None:
        """End the session of a cookie's value; return its identity token, by which the provider's own can be ended."""
        if not cookie:
            return None
        async with self.uow() as session:
            row = await session.get(SessionRow, hash_of(cookie))
            if row is None:
                return None
            tokens = self._opened(row)
            await session.delete(row)
        self.metrics.gateway_sessions.labels("signed_out").inc()
        return tokens.identity if tokens else None

    async def end_all(self, subject: str | None, provider_session: str | None) -> int:
        """End the sessions that the provider has ended: that one, or all of the subject; return how many there were."""
        query = delete(SessionRow)
        if provider_session is not None:
            query = query.where(col(SessionRow.provider_session) == provider_session)
        if subject is not None:
            query = query.where(col(SessionRow.subject) == subject)
        async with self.uow() as session:
            ended = (await session.exec(query)).rowcount
        self.metrics.gateway_sessions.labels("back_channel").inc(ended)
        return ended

    def state(self, row: SessionRow, now: datetime) -> State:
        """Return whether a session goes on. One with a PIN is locked, not ended, when nothing was done in it for long."""
        if row.tokens is None or now >= row.until:
            return "ended"
        idle = now - row.seen_at >= timedelta(seconds=self.settings.session_idle_seconds)
        if row.pin is not None:
            return "locked" if idle or row.locked_at is not None else "open"
        return "ended" if idle else "open"

    async def _refreshed(self, row_id: bytes) -> Session | Locked | Ended | None:
        """Renew the tokens of a session: one request does it, those that come meanwhile wait and take what it got.

        A refresh token is good once. The row's lock holds for all processes of the gateway.
        """
        async with self.uow() as session:
            row = await session.get(SessionRow, row_id, with_for_update=True, populate_existing=True)
            now = self.clock()
            if row is None:
                return None
            state = self.state(row, now)
            if state != "open":
                return Locked(row.subject) if state == "locked" else Ended(row.subject)
            if now < row.refresh_at:
                return self._session(row)
            if not await self._renew(session, row, now):
                row.tokens = None
                self.metrics.gateway_sessions.labels("not_renewed").inc()
                return Ended(row.subject)
        return self._session(row)

    async def _renew(self, session: AsyncSession, row: SessionRow, now: datetime) -> bool:
        """Put new tokens into a row; return whether the session goes on."""
        tokens = self._opened(row)
        if tokens is None or tokens.refresh is None:
            return now < row.access_until
        try:
            fresh = await self.provider.refresh(tokens.refresh)
            caller = await self._caller(fresh)
        except ProviderUnreachableError:
            if now < row.access_until:
                return True  # the token that is there is good for a while yet
            raise
        except SignInRefusedError:
            return False
        # Rights may have changed meanwhile; who it is may not.
        if caller.subject != row.subject:
            return False
        row.unit, row.role, row.area = caller.unit, caller.role, caller.area
        kept = {
            "refresh_token": fresh.refresh_token or tokens.refresh,
            "id_token": fresh.id_token or tokens.identity,
        }
        self._put(row, fresh.model_copy(update=kept), now)
        session.add(row)
        return True

    async def _caller(self, tokens: Tokens) -> Principal:
        try:
            return await self.verifier.verify(tokens.access_token)
        except NotAuthenticatedError as refused:
            raise SignInRefusedError(refused.rule) from None

    def _put(self, row: SessionRow, tokens: Tokens, now: datetime) -> None:
        kept = SealedTokens(
            access=tokens.access_token, refresh=tokens.refresh_token, identity=tokens.id_token
        )
        row.tokens = self.cipher.encrypt(kept.model_dump_json().encode(), _aad(row.id))
        # A token that is good for a minute or less would otherwise be renewed with nearly every request.
        margin = min(_MARGIN_SECONDS, tokens.expires_in / 2)
        row.refresh_at = now + timedelta(seconds=tokens.expires_in - margin)
        row.access_until = now + timedelta(seconds=tokens.expires_in)

    def _opened(self, row: SessionRow) -> SealedTokens | None:
        if row.tokens is None:
            return None
        return SealedTokens.model_validate_json(self.cipher.decrypt(row.tokens, _aad(row.id)))

    def _session(self, row: SessionRow) -> Session:
        tokens = self._opened(row)
        assert tokens is not None  # it goes on
        pinned = row.pin is not None
        return Session(row.id, row.subject, row.unit, row.role, row.area, tokens.access, pinned)


def _require_proof(signed_in_at: int | None, since: datetime) -> None:
    """Refuse a sign-in of before: the address that asks for a new one passes through the browser, which can change it."""
    if signed_in_at is None:
        raise SignInRefusedError("no auth_time")
    if signed_in_at < (since - _CLOCKS_APART).timestamp():
        raise SignInRefusedError("auth_time before this attempt")


def _aad(row_id: bytes) -> bytes:
    return b"session:" + row_id
