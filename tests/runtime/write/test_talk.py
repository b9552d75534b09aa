from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from rig_heads import drawn_crop
from toy_renderer import ToyRenderer
from toy_speech import ToySpeech

from visavis.errors import InputError, OutputError
from visavis.latents import INDEX
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.bench.motion import toy_voice
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import assemble
from visavis_runtime.motion.controls import Controls
from visavis_runtime.write.curves import read_curves
from visavis_runtime.write.glb.document import read_accessor, read_document
from visavis_runtime.write.motion_file import read_motion
from visavis_runtime.write.talk import BATCH_FRAMES, Stage, Talk, talk_latents, write_talk


def _talk(duration_s: float = 2.03, *, fps: int = 40) -> Talk:
    voice = toy_voice(duration_s=duration_s)
    clip = AudioClip(voice, 16_000, (), voice[:, None])
    return Talk(clip=clip, speech=ToySpeech(), controls=Controls(), seed=1, fps=fps, size_px=64, title="npc")


def test_all_results_of_one_talk_agree(tmp_path: Path) -> None:
    names = ("a.mp4", "a.webm", "a.png", "a.csv", "a.npz")
    talk, renderer = _talk(), ToyRenderer()
    done: list[int] = []
    write_talk(talk, outputs=[tmp_path / name for name in names], stage=Stage(renderer, None), advance=done.append)
    assert sorted(os.listdir(tmp_path)) == sorted(names)
    motion = read_motion(tmp_path / "a.npz")
    assert motion.latents.shape == (82, 64)
    assert sum(done) == renderer.frames == 82
    assert renderer.largest_batch <= BATCH_FRAMES
    times_s, curves = read_curves(tmp_path / "a.csv")
    assert len(times_s) == 122
    # Both were sampled from the same motion: every 1/20 s they have a frame in common.
    np.testing.assert_allclose(curves[::3][:40, 52:], motion.latents[::2][:40, 52:], atol=1e-4)
    with av.open(str(tmp_path / "a.mp4")) as file:
        shown = np.array([frame.to_ndarray(format="rgb24").mean() for frame in file.decode(video=0)])
    assert len(shown) == 82
    assert np.corrcoef(shown, motion.latents[:, INDEX["jawOpen"]])[0, 1] > 0.98
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.format == "PNG"


def test_a_sheet_alone_draws_only_its_own_frames(tmp_path: Path) -> None:
    renderer = ToyRenderer()
    write_talk(_talk(), outputs=[tmp_path / "a.png"], stage=Stage(renderer, None))
    assert renderer.frames == 15


def test_motion_needs_no_face_and_pictures_do(tmp_path: Path) -> None:
    write_talk(_talk(), outputs=[tmp_path / "a.csv", tmp_path / "a.npz"])
    with pytest.raises(InputError, match="give a portrait") as caught:
        write_talk(_talk(), outputs=[tmp_path / "a.mp4"])
    assert caught.value.reason == "FACE_MISSING"
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "a.npz"]


def test_a_take_and_curves_are_two_results_of_one_talk(tmp_path: Path) -> None:
    write_talk(_talk(), outputs=[tmp_path / "a.csv", tmp_path / "A.LiveLink.csv"])
    _, curves = read_curves(tmp_path / "a.csv")
    header, *rows = (tmp_path / "A.LiveLink.csv").read_text(encoding="ascii").splitlines()
    assert header.startswith("Timecode,BlendShapeCount,EyeBlinkLeft")
    jaw = [float(row.split(",")[header.split(",").index("JawOpen")]) for row in rows]
    np.testing.assert_allclose(jaw, curves[:, INDEX["jawOpen"]], atol=1e-5)


def test_the_same_talk_gives_the_same_latents() -> None:
    one = np.concatenate(list(talk_latents(_talk(), fps=40)))
    two = np.concatenate(list(talk_latents(_talk(), fps=40)))
    np.testing.assert_array_equal(one, two)


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    class Breaks(ToyRenderer):
        def render(self, scenes: object, latents: np.ndarray, *, neutral: object = None) -> np.ndarray:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        write_talk(_talk(), outputs=[tmp_path / "a.mp4", tmp_path / "a.csv"], stage=Stage(Breaks(), None))
    assert os.listdir(tmp_path) == []


_ENDLESS = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from toy_renderer import ToyRenderer
from toy_speech import ToySpeech
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.bench.motion import toy_voice
from visavis_runtime.write.talk import Stage, Talk, write_talk

class Slow(ToyRenderer):
    def render(self, scenes, latents, *, neutral=None):
        time.sleep(0.2)
        return super().render(scenes, latents)

voice = toy_voice(duration_s=60.0)
talk = Talk(clip=AudioClip(voice, 16_000, (), voice[:, None]), speech=ToySpeech(), size_px=64)
folder = Path(sys.argv[1])
say = lambda count: print("frame", flush=True)
write_talk(talk, outputs=[folder / "a.mp4", folder / "a.npz"], stage=Stage(Slow(), None), advance=say)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    tests = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(tmp_path), tests],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "frame\n"
    assert len(os.listdir(tmp_path)) == 2
    assert all(name.startswith(".a-") for name in os.listdir(tmp_path))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert os.listdir(tmp_path) == []


def _drawn_avatar() -> Avatar:
    crop = drawn_crop()
    return assemble(crop, alpha=np.full(crop.bordered.shape[:2], 255, np.uint8), meta={"warnings": []})


def test_a_native_head_comes_with_its_sound(tmp_path: Path) -> None:
    stage = Stage(ToyRenderer(), None, avatar=_drawn_avatar())
    write_talk(_talk(1.0), outputs=[tmp_path / "a.glb", tmp_path / "a.csv"], stage=stage)
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "a.glb", "a.wav"]
    json, binary = read_document((tmp_path / "a.glb").read_bytes())
    (animation,) = json["animations"]
    assert animation["extras"] == {"audio": "a.wav"}
    times_s, curves = read_curves(tmp_path / "a.csv")
    np.testing.assert_allclose(read_accessor(json, binary, animation["samplers"][0]["input"]), times_s, atol=7e-5)
    weights = read_accessor(json, binary, animation["samplers"][0]["output"]).reshape(len(times_s), 52)
    jaw = INDEX["jawOpen"]
    np.testing.assert_allclose(weights[:, jaw], curves[:, jaw], atol=1e-4)


def test_a_native_head_needs_an_avatar(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_talk(_talk(0.5), outputs=[tmp_path / "a.glb"], stage=Stage(ToyRenderer(), None))
    assert caught.value.reason == "FACE_MISSING"
    assert os.listdir(tmp_path) == []


def test_the_voice_itself_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"the only recording")
    talk = replace(_talk(0.5), source=tmp_path / "a.wav")
    write_talk(talk, outputs=[tmp_path / "a.glb"], stage=Stage(ToyRenderer(), None, avatar=_drawn_avatar()))
    assert (tmp_path / "a.wav").read_bytes() == b"the only recording"


def test_an_error_leaves_neither_head_nor_sound(tmp_path: Path) -> None:
    class Breaks(ToyRenderer):
        def render(self, scenes: object, latents: np.ndarray, *, neutral: object = None) -> np.ndarray:
            raise RuntimeError("broken")

    stage = Stage(Breaks(), None, avatar=_drawn_avatar())
    with pytest.raises(RuntimeError):
        write_talk(_talk(0.5), outputs=[tmp_path / "a.glb", tmp_path / "b.mp4"], stage=stage)
    assert os.listdir(tmp_path) == []


def test_a_sound_beside_the_head_that_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"own")
    with pytest.raises(OutputError, match="another name"):
        write_talk(_talk(0.5), outputs=[tmp_path / "a.glb"], stage=Stage(ToyRenderer(), None, avatar=_drawn_avatar()))
    assert os.listdir(tmp_path) == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"own"
