"""Takes talks whose connection broke, keeps them a moment, gives them back to the client that names their token.

The slot is freed at once: the engine hands out the state of the talk, and another slot, of another engine if need be,
goes on from it. The token is a secret of the talk, and only good for who began it. A client may be back before the
server has noticed that its old connection is dead; then that one ends first. What it does not do: it does not outlive
the server; `Start.from_latents` hides the seam of a new talk.
"""

from __future__ import annotations

import asyncio

from visavis.errors import ProtocolError, VisavisError
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.gone import TakenUp
from visavis_runtime.serve.gateway.talk import LiveTalk
from visavis_runtime.serve.link import EngineLink
from visavis_runtime.serve.messages import Parked


class Parking:
    """The talks that could be taken up: those that run, and for `resume_s` those that are parked."""

    def __init__(self, link: EngineLink, *, resume_s: float) -> None:
        self._link, self._resume_s = link, resume_s
        link.kept_places = self.kept
        self._running: dict[str, LiveTalk] = {}
        self._parked: dict[str, tuple[LiveTalk, asyncio.Future[Parked], asyncio.TimerHandle]] = {}

    def kept(self, peer: str = "", *, caller: Caller | None = None) -> int:
        """Talks (of this caller) whose connection broke and that have no slot now.

        Those of `peer`, who calls now, do not count: its connection is whole, so it has cancelled them.
        """
        return sum(
            state.done() and talk.peer != peer and (caller is None or talk.caller is caller)
            for talk, state, _ in self._parked.values()
        )

    def yield_place(self, peer: str, *, caller: Caller) -> None:
        """Forget the oldest talk that this caller has cancelled over this connection: another one has its place."""
        for token, (talk, state, timer) in self._parked.items():
            if talk.peer == peer and talk.caller is caller and state.done():
                timer.cancel()
                del self._parked[token]
                return

    def knows(self, token: str, *, caller: Caller) -> bool:
        """Whether there is such a talk of this caller, with a connection or without."""
        talk = self._running.get(token) or self._parked.get(token, (None,))[0]
        return talk is not None and talk.caller is caller

    def __len__(self) -> int:
        return len(self._parked)

    def enter(self, talk: LiveTalk) -> None:
        """A connection holds this talk."""
        self._running[talk.token] = talk

    def leave(self, talk: LiveTalk) -> None:
        """This talk is over."""
        self._running.pop(talk.token, None)
        self._link.close(talk.intake.talk)
        talk.left.set()

    def park(self, talk: LiveTalk) -> None:
        """The connection of this talk broke."""
        self._running.pop(talk.token, None)
        state = asyncio.ensure_future(self._link.park(talk.intake.talk))
        state.add_done_callback(_seen)
        self._keep(talk, state)
        talk.left.set()

    async def take(self, token: str, *, caller: Caller) -> tuple[LiveTalk, Parked]:
        """A talk and its state. Raises ProtocolError RESUME_UNKNOWN."""
        running = self._running.get(token)
        if running is not None and running.caller is caller and running.resumable:
            running.fail(TakenUp())
            await running.left.wait()
        place = self._parked.get(token)
        if place is None or place[0].caller is not caller:
            raise _unknown()
        talk, state, timer = place
        timer.cancel()
        del self._parked[token]
        try:
            return talk, await asyncio.shield(state)  # who asked may be gone before an engine answers
        except VisavisError as error:
            raise _unknown() from error
        except asyncio.CancelledError:
            self._keep(talk, state)
            raise

    def put_back(self, talk: LiveTalk, parked: Parked) -> None:
        """No engine had room for it just now."""
        state: asyncio.Future[Parked] = asyncio.get_running_loop().create_future()
        state.set_result(parked)
        self._keep(talk, state)

    def forget_all(self) -> None:
        """Nothing is taken up any more."""
        for _, _, timer in self._parked.values():
            timer.cancel()
        self._parked.clear()

    def _keep(self, talk: LiveTalk, state: asyncio.Future[Parked]) -> None:
        timer = asyncio.get_running_loop().call_later(self._resume_s, self._parked.pop, talk.token, None)
        self._parked[talk.token] = (talk, state, timer)


def _seen(state: asyncio.Future[Parked]) -> None:
    """Nobody may ever ask for this talk; that its engine is gone is then no news."""
    if not state.cancelled():
        state.exception()


def _unknown() -> ProtocolError:
    return ProtocolError(
        "This talk cannot be taken up: it is over, or broke off too long ago. Begin a new talk; "
        "one that starts from the last latents shows no seam.",
        reason="RESUME_UNKNOWN",
    )
