"""Folds: where they lie, on which side, what makes them, and that a face at rest has none of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.folds import BROWS_UP, FROWN, SMILE_LEFT, SMILE_RIGHT, STROKES, fold_weights, folds_of
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def weights_of(scene: Scene, row: npt.NDArray[np.float32], *, neutral: float = 0.0) -> npt.NDArray[np.float32]:
    drive = drive_from_latents(row, rig=scene.rig, neutral=neutral)
    return fold_weights(scene.folds, shapes=drive.shapes, neutral=drive.neutral)


def at(scene: Scene, landmark: int) -> npt.NDArray[np.uint8]:
    folds = scene.folds
    x, y = np.rint((scene.stage.texture_uv[landmark] - folds.start) * folds.texels).astype(int)
    return folds.map[y, x]


def test_the_valley_lies_on_the_landmarks_of_its_own_side(scene: Scene) -> None:
    assert at(scene, 206)[SMILE_RIGHT] < 110
    assert at(scene, 426)[SMILE_LEFT] < 110
    assert at(scene, 206)[SMILE_LEFT] == at(scene, 426)[SMILE_RIGHT] == 128
    assert at(scene, 151)[BROWS_UP] < 124
    assert at(scene, 1).tolist() == [128] * 4, "the tip of the nose has no fold"
    assert {stroke.kind for stroke in STROKES} == {SMILE_LEFT, SMILE_RIGHT, BROWS_UP, FROWN}


def test_what_makes_a_fold(scene: Scene, latents: Row) -> None:
    assert not weights_of(scene, latents()).any()
    rest = weights_of(scene, latents(), neutral=1.0)
    assert weights_of(scene, latents(mouthSmileLeft=0.8))[SMILE_LEFT] > rest[SMILE_LEFT] + 0.3
    assert weights_of(scene, latents(browDown=1))[FROWN] > 0.9
    assert weights_of(scene, latents(browInnerUp=1, browOuterUp=1))[BROWS_UP] == 1, "never more than a whole one"


def test_a_smile_that_is_taken_back_takes_its_fold_along(scene: Scene, face: Avatar, latents: Row) -> None:
    assert face.meta["neutral_smile"] > 0.2
    rest = weights_of(scene, latents(), neutral=1.0)
    assert rest[SMILE_LEFT] == rest[SMILE_RIGHT] < -0.1
    assert not rest[[BROWS_UP, FROWN]].any()


def test_the_folds_of_a_laugh_fade_at_rest_and_come_back_with_it(
    renderer: CpuRenderer, scene: Scene, latents: Row
) -> None:
    whole = weights_of(scene, latents(mouthSmile=1.0), neutral=1.0)
    np.testing.assert_allclose(whole[[SMILE_LEFT, SMILE_RIGHT]], 0, atol=0.05)
    depth = []
    for neutral in (0.0, 1.0):
        frame = renderer.render([scene], latents()[None], neutral=neutral)[0, ..., :3].astype(float).mean(axis=2)
        drive = drive_from_latents(latents(), rig=scene.rig, neutral=neutral)
        x, y = np.rint(move(scene.rig, drive).px[216]).astype(int)
        across = frame[y - 3 : y + 4, x - 12 : x + 13]
        # How far its darkest line lies below the lighter third of the skin across it.
        depth.append(float(np.mean(np.percentile(across, 67, axis=1) - across.min(axis=1))))
    assert depth[0] > 25, "the picture shows the fold"
    assert depth[1] < 0.75 * depth[0]


def test_a_frown_darkens_the_skin_between_the_brows(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    frames = renderer.render([scene] * 2, np.stack([latents(), latents(browDown=0.8)])).astype(float)
    x, y = np.rint(scene.stage.texture_uv[9] - scene.stage.texture_uv[9] % 1).astype(int)
    px = scene.rig.vertices @ scene.rig.camera[:2].T + scene.rig.offset
    x, y = np.rint(px[9]).astype(int)
    patch = np.s_[y - 8 : y + 9, x - 14 : x + 15, :3]
    assert frames[1][patch].min() < frames[0][patch].min() - 4


def test_skin_grows_deeper_in_a_fold_and_grey_stays_grey(scene: Scene, face: Avatar) -> None:
    tint = folds_of(face, texture_uv=scene.stage.texture_uv, px_per_cm=10.0).tint[FROWN]
    assert tint[0] < 0.95 < 1.05 < tint[2], "red goes last"
    grey = replace(face, picture=np.repeat(face.picture[..., 1:2], 3, axis=2))
    np.testing.assert_allclose(
        folds_of(grey, texture_uv=scene.stage.texture_uv, px_per_cm=10.0).tint[FROWN], 1, atol=1e-3
    )
