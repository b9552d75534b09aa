"""Takes the engines that are up and what a talk is to be, gives who is asked to take it, in this order.

An engine is filled with motion before the next one gets any: one batch of a hundred costs far less than two of fifty,
and the processors are left to the others. Pictures gain nothing from company and go where most room is. What it does
not do: an engine says itself whether it takes a talk (`engine/slots.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from visavis_runtime.serve.engine_pipe import EnginePipe
from visavis_runtime.serve.messages import TalkSpec

_ROUGH_MOTION, _ROUGH_PICTURES = 0.01, 0.25


def in_order(pipes: Sequence[EnginePipe], *, spec: TalkSpec) -> list[EnginePipe]:
    """All of them, the best first."""
    up = sorted(pipes, key=_planned)
    if spec.pictures is not None:
        return up
    rooms = [pipe for pipe in up if pipe.load and _planned(pipe) + share(pipe, spec=spec) <= pipe.load.capacity]
    rooms.sort(key=lambda pipe: (_has_talks(pipe), _planned(pipe)), reverse=True)
    return rooms + [pipe for pipe in up if pipe not in rooms]


def share(pipe: EnginePipe, *, spec: TalkSpec) -> float:
    """Share of the engine that a talk will about need."""
    if spec.pictures is not None:
        return _ROUGH_PICTURES
    return (pipe.load.motion_share if pipe.load else 0.0) or _ROUGH_MOTION


def _has_talks(pipe: EnginePipe) -> bool:
    """What an empty engine plans is its steps, measured at its start: by chance more than another's with a talk."""
    return pipe.planned > 0 or bool(pipe.load and pipe.load.talks)


def _planned(pipe: EnginePipe) -> float:
    """Share of the engine that its talks need, with what was sent there since it last told."""
    return (pipe.load.planned if pipe.load else 0.0) + pipe.planned
