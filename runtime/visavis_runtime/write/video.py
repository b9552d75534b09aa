"""Takes pictures one by one and the voice, gives an .mp4 (H.264 + AAC) or .webm (VP9 + Opus).

Sound and picture start together and last the same to one frame: frame j is shown from j / fps on, and the sound track
is the original recording, not the 16 kHz copy the lips listened to. Sound is encoded along with the pictures, so memory
stays flat however long the talk is. Colours are converted by BT.709 and tagged so; without that players guess, and skin
turns green or pink. What it does not do: no alpha (use the texture stream for that).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from visavis.errors import OutputError
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.audio.resample import resample
from visavis_runtime.write.encoder import RECIPES, Recipe, pick_encoder

_SOUND_BLOCK = 1024


class VideoWriter:
    """`with VideoWriter(path, fps=40, size_px=512, clip=clip) as writer: writer.add(rgb)`.

    Opening, not constructing, touches the disk. `add` takes u8 [S, S, 3 or 4] (alpha is ignored).
    """

    def __init__(self, path: Path, *, fps: int, size_px: int, clip: AudioClip | None = None) -> None:
        if path.suffix.lower() not in RECIPES:
            raise OutputError(f"{path.suffix or path.name} is not a video suffix: use .mp4 or .webm.",
                              reason="SUFFIX_UNKNOWN")  # fmt: skip
        if size_px % 2:
            raise OutputError(f"A video cannot be {size_px} px wide: take an even size.", reason="VIDEO_SIZE")
        self._path, self._fps, self._size_px, self._clip = path, fps, size_px, clip
        self._frames = 0
        self._sound_at = 0

    def __enter__(self) -> VideoWriter:
        recipe = RECIPES[self._path.suffix.lower()]
        suffix = self._path.suffix.lower()
        picture = pick_encoder(recipe.picture, suffix=suffix)
        sound = pick_encoder(recipe.sound, suffix=suffix)
        self._sound, rate_hz = _sound_track(self._clip, recipe=recipe)
        self._container: Any = av.open(
            str(self._path), "w", format=recipe.container, options=dict(recipe.container_options)
        )
        self._video: Any = self._container.add_stream(picture.name, rate=self._fps, options=dict(picture.options))
        _describe(self._video, size_px=self._size_px, fps=self._fps)
        self._audio: Any = None
        if self._sound is not None:
            layout = "mono" if self._sound.shape[1] == 1 else "stereo"
            self._audio = self._container.add_stream(sound.name, rate=rate_hz, layout=layout)
            self._audio.options = dict(sound.options)
        self._rate_hz = rate_hz
        return self

    def add(self, picture: npt.NDArray[np.uint8]) -> None:
        """The next frame, u8 [S, S, 3 or 4] in sRGB."""
        rgb = np.ascontiguousarray(picture[:, :, :3])
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
            format="yuv420p", src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.MPEG,
        )  # fmt: skip
        frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        frame.pts = self._frames
        frame.time_base = Fraction(1, self._fps)
        for packet in self._video.encode(frame):
            self._container.mux(packet)
        self._frames += 1
        self._add_sound(until=self._frames * self._rate_hz // self._fps)

    def _add_sound(self, *, until: int) -> None:
        """Encode the voice up to sample `until`, in whole blocks."""
        if self._sound is None:
            return
        until = min(until, self._sound.shape[0])
        while self._sound_at < until:
            block = self._sound[self._sound_at : self._sound_at + _SOUND_BLOCK]
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block.T), format="fltp", layout="mono" if block.shape[1] == 1 else "stereo"
            )
            frame.sample_rate = self._rate_hz
            frame.pts = self._sound_at
            frame.time_base = Fraction(1, self._rate_hz)
            for packet in self._audio.encode(frame):
                self._container.mux(packet)
            self._sound_at += block.shape[0]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            if self._sound is not None:
                self._add_sound(until=self._sound.shape[0])
            for stream in (self._video, self._audio):
                for packet in stream.encode(None) if stream is not None else ():
                    self._container.mux(packet)
        self._container.close()


def _describe(stream: Any, *, size_px: int, fps: int) -> None:
    stream.width = stream.height = size_px
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, fps)
    context = stream.codec_context
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    if stream.codec_context.name == "libopenh264":
        stream.bit_rate = int(size_px * size_px * fps * 0.25)


def _sound_track(clip: AudioClip | None, *, recipe: Recipe) -> tuple[npt.NDArray[np.float32] | None, int]:
    """The original recording [n, C] at a rate the container is fond of, and that rate."""
    if clip is None:
        return None, recipe.sound_rates_hz[-1]
    rate_hz = clip.source_rate_hz if clip.source_rate_hz in recipe.sound_rates_hz else recipe.sound_rates_hz[-1]
    track = resample(clip.original, source_hz=clip.source_rate_hz, target_hz=rate_hz)
    return np.clip(track, -1.0, 1.0), rate_hz
