from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from visavis.errors import OutputError
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.motion.timing import frame_count
from visavis_runtime.write.encoder import RECIPES, Encoder, pick_encoder
from visavis_runtime.write.video import VideoWriter

SIZE = 64


def _clip(rate_hz: int, channels: int, duration_s: float = 1.337) -> AudioClip:
    """A click of tone at 0.5 s, silence around it."""
    count = round(duration_s * rate_hz)
    time_s = np.arange(count) / rate_hz
    tone = 0.5 * np.sin(2 * np.pi * 440 * time_s) * ((time_s >= 0.5) & (time_s < 0.6))
    original = np.repeat(tone[:, None], channels, axis=1).astype(np.float32)
    return AudioClip(np.zeros(round(duration_s * 16_000), np.float32), rate_hz, (), original)


def _write(path: Path, clip: AudioClip, *, fps: int) -> int:
    count = frame_count(len(clip.samples), fps=fps)
    with VideoWriter(path, fps=fps, size_px=SIZE, clip=clip) as writer:
        for frame in range(count):
            picture = np.full((SIZE, SIZE, 4), (0, 0, 0, 255), np.uint8)
            picture[:, :, :3] = (224, 172, 138) if frame * 2 >= fps else (40, 60, 200)
            writer.add(picture)
    return count


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize(("rate_hz", "channels", "fps"), [(16_000, 1, 40), (44_100, 2, 25), (8_000, 1, 60)])
def test_sound_and_picture_start_together_and_last_the_same(
    tmp_path: Path, suffix: str, rate_hz: int, channels: int, fps: int
) -> None:
    clip = _clip(rate_hz, channels)
    count = _write(tmp_path / f"a{suffix}", clip, fps=fps)
    with av.open(str(tmp_path / f"a{suffix}")) as file:
        frames = list(file.decode(video=0))
    with av.open(str(tmp_path / f"a{suffix}")) as file:
        blocks = list(file.decode(audio=0))
    assert len(frames) == count
    assert float(frames[0].pts * frames[0].time_base) == 0.0
    assert abs(float(frames[-1].pts * frames[-1].time_base) - (count - 1) / fps) < 0.002
    sound = np.concatenate([block.to_ndarray()[0] for block in blocks])
    rate = blocks[0].sample_rate
    starts_s = float(blocks[0].pts * blocks[0].time_base)
    assert abs(starts_s) < 0.01
    assert abs(starts_s + len(sound) / rate - count / fps) <= 1 / fps + 0.001
    # The click and the change of colour, both at 0.5 s of the talk, are still together.
    click_s = starts_s + float(np.flatnonzero(np.abs(sound) > 0.1)[0]) / rate
    red = np.array([frame.to_ndarray(format="rgb24")[:, :, 0].mean() for frame in frames])
    change_s = float(np.flatnonzero(red > 128)[0]) / fps
    assert abs(click_s - 0.5) < 0.012
    assert abs(click_s - change_s) < 1 / fps + 0.012


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_colours_are_tagged_and_true(tmp_path: Path, suffix: str) -> None:
    _write(tmp_path / f"a{suffix}", _clip(16_000, 1), fps=40)
    with av.open(str(tmp_path / f"a{suffix}")) as file:
        context = file.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert context.pix_fmt == "yuv420p"
        last = list(file.decode(video=0))[-1]
    got = last.reformat(format="rgb24", src_colorspace="itu709").to_ndarray()[SIZE // 2, SIZE // 2]
    assert np.abs(got.astype(int) - (224, 172, 138)).max() <= 4


def test_the_index_comes_first_for_streaming(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", _clip(16_000, 1), fps=40)
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_build_without_encoders_says_so() -> None:
    with pytest.raises(OutputError, match="none of no_such_encoder") as caught:
        pick_encoder((Encoder("no_such_encoder", {}),), suffix=".mp4")
    assert caught.value.reason == "ENCODER_MISSING"
    assert pick_encoder((Encoder("no_such_encoder", {}), *RECIPES[".mp4"].sound), suffix=".mp4").name == "aac"


def test_odd_sizes_and_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="even"):
        VideoWriter(tmp_path / "a.mp4", fps=40, size_px=63)
    with pytest.raises(OutputError, match=r"\.webm"):
        VideoWriter(tmp_path / "a.avi", fps=40, size_px=64)
