"""Takes a voice, a director's controls and an avatar, gives files: the offline road of one talk.

It walks the very steps a live talk walks (`Talker.step`, `Renderer.render`), half a second of voice at a time, so
memory stays flat and there are no two versions of the truth. A server may make motion and pictures instead
(`Talk.motion`, another `Screen`). Several results of one talk share one rendering; all of
them appear together at the end, or, after an error or Ctrl-C, none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.talker import Talker, Voice
from visavis_runtime.motion.timing import frame_count
from visavis_runtime.write.atomic import atomic_path
from visavis_runtime.write.curves import ROWS_PER_S, write_curves
from visavis_runtime.write.glb.export import Look
from visavis_runtime.write.glb.line import check_sound, write_line
from visavis_runtime.write.live_link_take import write_take
from visavis_runtime.write.motion_file import Motion, write_motion
from visavis_runtime.write.outputs import (
    CURVES_SUFFIX,
    HEAD_SUFFIX,
    MOTION_SUFFIX,
    OWN_RATE_SUFFIXES,
    SHEET_SUFFIX,
    SOUND_SUFFIX,
    TAKE_SUFFIX,
    VIDEO_SUFFIXES,
    check_outputs,
    needs_face,
    suffix_of,
)
from visavis_runtime.write.sheet import Shot, shot_frames, write_sheet
from visavis_runtime.write.video import VideoWriter

if TYPE_CHECKING:
    from visavis_runtime.face.avatar import Avatar
    from visavis_runtime.render.renderer import Renderer


CHUNK_SAMPLES = SAMPLE_RATE_HZ // 2
BATCH_FRAMES = 8
EASE_S = 0.6
"""A talk begins with the picture as it is and eases into the face at rest for so long."""

Rows = npt.NDArray[np.float32]
Pictures = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Talk:
    """Everything that decides how a talk turns out; the same Talk gives the same files."""

    clip: AudioClip
    speech: Voice | None
    controls: Controls = field(default_factory=Controls)
    seed: int = 0
    fps: int = 40
    size_px: int = 512
    title: str = ""
    source: Path | None = None
    """Where the voice was read from: never written over."""
    motion: Callable[[int], Iterator[Rows]] | None = None
    """Instead of `speech`: latents [k, 64] chunk by chunk at so many frames a second, made elsewhere."""


class Screen(Protocol):
    """Where a talk is seen. `avatar` and `look` are what a native head (.glb) is made of."""

    @property
    def avatar(self) -> Avatar | None:
        """The face."""

    @property
    def look(self) -> Look:
        """How a native head is to look."""

    def draw(self, latents: Rows, *, frames: npt.NDArray[np.integer], fps: int) -> Pictures:
        """Pictures [k, H, W, 4] of the frames number `frames` [k] (rising from call to call) with latents [k, 64]."""


@dataclass(frozen=True)
class Stage:
    """A renderer and the scene it has loaded; `rest`: "neutral", or "photo" to return to the picture itself."""

    renderer: Renderer
    scene: Any
    rest: str = "neutral"
    avatar: Avatar | None = None
    look: Look = field(default_factory=Look)

    def draw(self, latents: Rows, *, frames: npt.NDArray[np.integer], fps: int) -> Pictures:
        """Rendered here."""
        rest = neutral_course(frames, fps=fps) if self.rest == "neutral" else np.zeros(len(frames), np.float32)
        pictures: Pictures = self.renderer.render([self.scene] * latents.shape[0], latents, neutral=rest)
        return pictures


def talk_latents(talk: Talk, *, fps: int) -> Iterator[Rows]:
    """Motion latents [k, 64] chunk by chunk, `ceil(samples * fps / 16000)` in all."""
    if talk.motion is not None:
        yield from talk.motion(fps)
        return
    assert talk.speech is not None
    talker = Talker(talk.speech, fps=fps)
    state = talker.start(seed=talk.seed)
    for start in range(0, talk.clip.samples.shape[0], CHUNK_SAMPLES):
        latents, state = talker.step(talk.clip.samples[start : start + CHUNK_SAMPLES], talk.controls, state)
        yield latents
    latents, state = talker.finish(talk.controls, state)
    yield latents


def write_talk(
    talk: Talk, *, outputs: Sequence[Path], stage: Screen | None = None, advance: Callable[[int], None] | None = None
) -> None:
    """Write every output by its suffix; `stage` is needed for pictures; `advance` hears of frames done.

    Raises:
        OutputError: see `check_outputs` and `check_sound`; ENCODER_MISSING.
        InputError: FACE_MISSING when pictures are asked for without a stage; FPS_RANGE.
    """
    check_outputs(outputs)
    shown = [path for path in outputs if needs_face(path)]
    if shown and stage is None:
        raise InputError(f"{shown[0].name} shows a face: give a portrait or an avatar.", reason="FACE_MISSING")
    heads = [path for path in outputs if path.suffix.lower() == HEAD_SUFFIX]
    if heads and (stage is None or stage.avatar is None):
        raise InputError(f"{heads[0].name} is made of an avatar: give a portrait or an avatar.", reason="FACE_MISSING")
    for head in heads:
        check_sound(head, source=talk.source)
    with ExitStack() as stack:
        paths = {path: stack.enter_context(atomic_path(path)) for path in outputs}
        for path, temporary in paths.items():
            if suffix_of(path) == CURVES_SUFFIX:
                write_curves(temporary, latents=talk_latents(talk, fps=ROWS_PER_S))
            elif suffix_of(path) == TAKE_SUFFIX:
                write_take(temporary, latents=talk_latents(talk, fps=ROWS_PER_S))
        if heads:
            _write_heads(talk, paths={path: paths[path] for path in heads}, stage=stage, stack=stack)
        others = {path: temporary for path, temporary in paths.items() if suffix_of(path) not in OWN_RATE_SUFFIXES}
        if not others:
            return
        latents = _show(talk, paths=others, stage=stage, advance=advance or _ignore)
        for path, temporary in others.items():
            if path.suffix.lower() == MOTION_SUFFIX:
                write_motion(temporary, motion=Motion(latents=latents, fps=talk.fps))


def _write_heads(talk: Talk, *, paths: dict[Path, Path], stage: Screen | None, stack: ExitStack) -> None:
    """Native heads that say the line, each with its sound beside it."""
    assert stage is not None
    assert stage.avatar is not None
    latents = np.concatenate(list(talk_latents(talk, fps=ROWS_PER_S)))
    for path, temporary in paths.items():
        sound = path.with_suffix(SOUND_SUFFIX)
        spoken = talk.source is not None and sound.resolve() == talk.source.resolve()
        write_line(
            temporary,
            avatar=stage.avatar,
            look=stage.look,
            latents=latents,
            clip=talk.clip,
            sound=None if spoken else stack.enter_context(atomic_path(sound)),
            sound_name=sound.name,
        )


def _ignore(_: int) -> None:
    return None


def _show(talk: Talk, *, paths: dict[Path, Path], stage: Screen | None, advance: Callable[[int], None]) -> Rows:
    """Render what the results need; returns all latents [K, 64] (2 MB for ten minutes)."""
    sheets = [temporary for path, temporary in paths.items() if path.suffix.lower() == SHEET_SUFFIX]
    videos = [temporary for path, temporary in paths.items() if path.suffix.lower() in VIDEO_SUFFIXES]
    shots_at = set(shot_frames(frame_count(talk.clip.samples.shape[0], fps=talk.fps))) if sheets else set()
    shots: list[Shot] = []
    kept: list[Rows] = []
    with ExitStack() as stack:
        writers = [
            stack.enter_context(VideoWriter(path, fps=talk.fps, size_px=talk.size_px, clip=talk.clip))
            for path in videos
        ]
        first = 0
        for latents in _batches(talk_latents(talk, fps=talk.fps)):
            wanted = [j for j in range(latents.shape[0]) if writers or first + j in shots_at]
            pictures: Sequence[Any] | Pictures = ()
            if wanted and stage is not None:
                pictures = stage.draw(latents[wanted], frames=first + np.array(wanted), fps=talk.fps)
            for j, picture in zip(wanted, pictures, strict=True):
                for writer in writers:
                    writer.add(picture)
                if first + j in shots_at:
                    shots.append(Shot(first + j, picture.copy()))
            kept.append(latents)
            first += latents.shape[0]
            advance(latents.shape[0])
    everything = np.concatenate(kept)
    for sheet in sheets:
        write_sheet(sheet, shots=shots, latents=everything, samples=talk.clip.samples, fps=talk.fps, title=talk.title)
    return everything


def _batches(chunks: Iterator[Rows]) -> Iterator[Rows]:
    for chunk in chunks:
        for start in range(0, chunk.shape[0], BATCH_FRAMES):
            yield chunk[start : start + BATCH_FRAMES]


def neutral_course(frames: npt.NDArray[np.integer], *, fps: int) -> Rows:
    """[k] float32 0..1: how far the face has left the picture for rest at these frames [k] of a talk."""
    t = np.clip(np.asarray(frames, np.float32) / (EASE_S * fps), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
