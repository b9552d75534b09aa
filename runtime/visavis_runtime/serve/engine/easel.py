"""Takes avatars and the pictures that are due, gives drawn and encoded pictures: all rendering of one engine.

A face is loaded in a thread of its own, so that no talk waits for another one's avatar; talks with the same avatar
share it. A CPU draws one picture at a time, between two motion steps; a GPU draws all that wait in one batch.
What it does not do: it decides no poses (`pictures.py`).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from visavis.errors import MissingError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.serve.engine.cost import Costs
from visavis_runtime.serve.engine.pictures import Due
from visavis_runtime.serve.engine.session import Session
from visavis_runtime.serve.messages import Notice, Picture, PictureSpec, Report
from visavis_runtime.write.talk import neutral_course

FACES_KEPT = 32
GPU_BATCH = 64


Fail = Callable[[Session, Exception], None]


class Face(NamedTuple):
    """A loaded avatar: the renderer that draws it and its scene there."""

    renderer: Any
    scene: Any


class Easel:
    """The faces and renderers of one device."""

    def __init__(self, *, device: str) -> None:
        self.device = device
        self._batch = 1 if device == "cpu" else GPU_BATCH
        self._renderers: dict[tuple[int, str, str], Any] = {}
        self._faces: OrderedDict[tuple[object, ...], Future[Face]] = OrderedDict()
        self._seated: dict[int, Face] = {}
        self._loader: ThreadPoolExecutor | None = None

    def begin(self, spec: PictureSpec | None, *, quality: str) -> Future[Face] | None:
        """Start to load the face of a talk; None for a talk without pictures."""
        if spec is None:
            return None
        try:
            stat = spec.avatar.stat()
        except OSError:
            gone: Future[Face] = Future()
            gone.set_exception(_missing(spec))
            return gone
        key = (spec.avatar, stat.st_mtime_ns, stat.st_size, spec.size_px, spec.background, quality)
        if key not in self._faces:
            if self._loader is None:
                self._loader = ThreadPoolExecutor(1, thread_name_prefix="avatar")
            self._faces[key] = self._loader.submit(self._load, spec, quality)
            while len(self._faces) > FACES_KEPT:
                self._faces.popitem(last=False)
        self._faces.move_to_end(key)
        return self._faces[key]

    def seat(self, talk: int, face: Face) -> None:
        """The talk has this face."""
        self._seated[talk] = face

    def leave(self, talk: int) -> None:
        """The talk is over."""
        self._seated.pop(talk, None)

    def draw(
        self, sessions: Mapping[int, Session], *, report: Callable[[Report], None], costs: Costs, fail: Fail
    ) -> int:
        """Draw what is due soonest; returns the number of pictures. A talk that cannot be drawn fails alone."""
        waiting = [one for one in sessions.values() if one.pictures is not None and one.pictures.waiting]
        if not waiting:
            return 0
        waiting.sort(key=lambda one: one.pictures.waiting[0].done_ns)  # type: ignore[union-attr]
        renderer = self._seated[waiting[0].talk].renderer
        now_ns = time.monotonic_ns()
        batch = [
            (one, one.pictures.take(now_ns=now_ns))  # type: ignore[union-attr]
            for one in [one for one in waiting if self._seated[one.talk].renderer is renderer][: self._batch]
        ]
        began = time.thread_time()
        drawn = self._draw(batch, report=report, fail=fail)
        spec = batch[0][0].spec.pictures
        assert spec is not None
        costs.measured_picture((time.thread_time() - began) / len(batch), size_px=spec.size_px)
        return drawn

    def _draw(self, batch: Sequence[tuple[Session, Due]], *, report: Callable[[Report], None], fail: Fail) -> int:
        try:
            frames = self._seated[batch[0][0].talk].renderer.render(
                [self._seated[one.talk].scene for one, _ in batch],
                np.stack([due.latents for _, due in batch]),
                neutral=np.array([_neutral(one, due) for one, due in batch], np.float32),
            )
            pictures = [_picture(one, due, frame) for (one, due), frame in zip(batch, frames, strict=True)]
        except Exception as error:
            if len(batch) == 1:
                fail(batch[0][0], error)
                return 0
            return sum(self._draw([alone], report=report, fail=fail) for alone in batch)
        for (session, due), picture in zip(batch, pictures, strict=True):
            report(picture)
            self._tell_rate(session, due, report=report)
        return len(batch)

    def _tell_rate(self, session: Session, due: Due, *, report: Callable[[Report], None]) -> None:
        assert session.pictures is not None
        fps = session.pictures.new_rate()
        if fps is not None:
            report(
                Notice(
                    session.talk,
                    "DEGRADED",
                    due.sample,
                    line=due.line,
                    count=fps,
                    reason="PICTURE_RATE",
                    message=f"Pictures come {fps} times a second now.",
                )
            )

    def _load(self, spec: PictureSpec, quality: str) -> Face:
        from visavis_runtime.face.avatar import Avatar
        from visavis_runtime.render.backend import renderer_for

        background = "plate" if spec.background else "transparent"
        key = (spec.size_px, quality, background)
        if key not in self._renderers:
            self._renderers[key] = renderer_for(self.device, size=spec.size_px, quality=quality, background=background)
        renderer = self._renderers[key]
        return Face(renderer, renderer.load(Avatar.load(spec.avatar)))


def _missing(spec: PictureSpec) -> MissingError:
    return MissingError(
        f"There is no avatar {spec.avatar.stem!r} here: create it first, or ask for the list of avatars.",
        reason="AVATAR_UNKNOWN",
    )


def _neutral(session: Session, due: Due) -> float:
    """A talk begins with the picture and eases to rest, unless it goes on from a face that was at rest."""
    if session.spec.from_latents is not None:
        return 1.0
    return float(neutral_course(np.array([due.sample]), fps=SAMPLE_RATE_HZ)[0])


def _picture(session: Session, due: Due, frame: np.ndarray) -> Picture:
    spec = session.spec.pictures
    assert spec is not None
    return Picture(
        session.talk, due.sample, due.line, due.line_sample, spec.format, spec.size_px, encode(frame, spec),
        due.received_ns, due.done_ns, time.monotonic_ns(),
    )  # fmt: skip


def encode(frame: np.ndarray, spec: PictureSpec) -> bytes:
    """RGBA [S, S, 4] uint8 as the talk wants it."""
    if spec.format == "rgba":
        return frame.tobytes()
    import cv2

    if not spec.background:
        frame = (frame[..., :3] * (frame[..., 3:].astype(np.float32) / 255.0)).astype(np.uint8)
        bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    else:
        bgr = cv2.cvtColor(frame, cv2.COLOR_RGBA2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, spec.jpeg_quality])
    assert done
    return data.tobytes()
