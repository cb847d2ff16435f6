"""Sessions of browsers: kept here, known to the browser by a random value only, ended when idle, old or signed out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlmodel import col, delete

from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.runtime import Clock, Metrics
from services.chassis.security import FieldCipher, NotAuthenticatedError, Principal, TokenVerifier
from services.gateway.provider import Identity, Provider, ProviderUnreachableError, SignInRefusedError, Tokens
from services.gateway.settings import GatewaySettings
from services.gateway.tables import SessionRow

_SECRET_BYTES = 32
_SEEN_EVERY = timedelta(seconds=30)
_KEPT_AFTER_END = timedelta(hours=1)
_MARGIN_SECONDS = 30.0


class SealedTokens(BaseModel):
    """The provider's tokens as they are stored, encrypted. The identity token is needed to sign out there."""

    access: str
    refresh: str | None
    identity: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on."""

    id: bytes
    subject: str
    unit: str
    role: str
    area: str
    access_token: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that has ended, and whose it was."""

    subject: str


def hash_of(cookie: str) -> bytes:
    """Return the id under which the session of a cookie's value is stored."""
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

    async def begin(self, tokens: Tokens, identity: Identity, before: str | None) -> str:
        """Begin a session for whom the tokens name; return the value of its cookie, which is always a new one.

        ``before`` is the cookie's value of the browser's session until now, which ends.

        Raises:
            SignInRefusedError: the services would not take the access token, or it is somebody else's.
        """
        caller = await self._caller(tokens)
        if caller.subject != identity.subject:
            raise SignInRefusedError("subject")
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
                await session.exec(delete(SessionRow).where(col(SessionRow.id) == hash_of(before)))
            session.add(row)
        return value

    async def find(self, cookie: str | None) -> Session | Ended | None:
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
            if not self._goes_on(row, now):
                row.tokens = None
                return Ended(row.subject)
            if now - row.seen_at > _SEEN_EVERY:
                # Of two requests at once neither may put the clock back.
                row.seen_at = now
        return self._session(row) if now < row.refresh_at else await self._refreshed(row.id)

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

    async def _refreshed(self, row_id: bytes) -> Session | Ended | None:
        """Renew the tokens of a session: one request does it, those that come meanwhile wait and take what it got.

        A refresh token is good once. The row's lock holds for all processes of the gateway.
        """
        async with self.uow() as session:
            row = await session.get(SessionRow, row_id, with_for_update=True, populate_existing=True)
            now = self.clock()
            if row is None:
                return None
            if not self._goes_on(row, now):
                return Ended(row.subject)
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

    def _goes_on(self, row: SessionRow, now: datetime) -> bool:
        idle = timedelta(seconds=self.settings.session_idle_seconds)
        return row.tokens is not None and now < row.until and now - row.seen_at < idle

    def _put(self, row: SessionRow, tokens: Tokens, now: datetime) -> None:
        kept = SealedTokens(
            access=tokens.access_token, refresh=tokens.refresh_token, identity=tokens.id_token
        )
        row.tokens = self.cipher.encrypt(kept.model_dump_json().encode(), _aad(row.id))
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
        return Session(row.id, row.subject, row.unit, row.role, row.area, tokens.access)


def _aad(row_id: bytes) -> bytes:
    return b"session:" + row_id
