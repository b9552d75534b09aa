"""three.js in a headless browser: names, the rest pose against our own renderer, shapes, joints, an animation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from engine_runs import PICTURES, draw_in_browser, row, talk_of
from rig_heads import avatar_of_drawing, drawn_crop

from visavis.latents import ARKIT_NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.rings import OVAL
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.write.glb.animation import Tracks
from visavis_runtime.write.glb.export import Look, glb_from_avatar

SIZE = 512
POSES = {
    "rest": row(),
    "jaw": row(jawOpen=0.6),
    "smile": row(mouthSmile=0.9, cheekSquint=0.5),
    "oo": row(jawOpen=0.12, mouthPucker=0.85, mouthFunnel=0.3),
    "blink": row(eyeBlink=1),
    "yaw": row(headYaw=0.35),
    "gaze": row(leftEyeYaw=0.35, rightEyeYaw=0.35),
    "tongue": row(jawOpen=0.3, tongueOut=1),
}
LEAST_DB = 28.0


def _picture(folder: Path, name: str) -> np.ndarray:
    return np.asarray(cv2.imread(str(folder / f"{name}.png"))[..., ::-1], np.float64)


def _region(avatar: Avatar, points: list[int], *, pad: float) -> tuple[slice, slice]:
    """Rows and columns round some landmarks; `pad` in widths of them."""
    px = avatar.rest_px[points] * (SIZE / avatar.size)
    low, high = px.min(axis=0), px.max(axis=0)
    more = pad * (high - low).max()
    (x0, y0), (x1, y1) = np.maximum(low - more, 0).astype(int), np.minimum(high + more, SIZE - 1).astype(int)
    return slice(y0, y1), slice(x0, x1)


@pytest.fixture(scope="module", params=["innkeeper", "guard", "scholar", "android"])
def drawn(
    request: pytest.FixtureRequest, npc: Callable[[str], Avatar], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Avatar, Path, dict[str, Any], Tracks]:
    avatar = npc(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    tracks = talk_of(avatar)
    glb = glb_from_avatar(avatar, tracks=tracks, audio="line.wav")
    times_s = [0.0, float(tracks.times_s[20]), float(tracks.times_s[47])]
    report = draw_in_browser(glb, avatar=avatar, folder=folder, size=SIZE, poses=POSES, times_s=times_s)
    _keep_sheet(avatar, folder, request.param)
    return avatar, folder, report, tracks


def _keep_sheet(avatar: Avatar, folder: Path, name: str) -> None:
    """Our own frames over those of three.js, to look at."""
    renderer = CpuRenderer(size=SIZE)
    scene = renderer.load(avatar)
    ours = renderer.render([scene] * len(POSES), np.stack(list(POSES.values())))[..., 2::-1]
    theirs = [cv2.imread(str(folder / f"{pose}.png")) for pose in POSES]
    PICTURES.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(PICTURES / f"three_{name}.png"), np.vstack([np.hstack(list(ours)), np.hstack(theirs)]))


def test_it_loads_without_a_complaint(drawn: tuple[Avatar, Path, dict[str, Any], Tracks]) -> None:
    report = drawn[2]
    assert report["faults"] == []
    assert set(report["nodes"]) == {
        "Face", "Root", "Chest", "Neck", "Head", "EyeLeft", "EyeRight", "UpperTeeth", "LowerTeeth", "Tongue",
    }  # fmt: skip
    assert report["bones"] == ["Root", "Chest", "Neck", "Head"]


def test_names_of_the_shapes(drawn: tuple[Avatar, Path, dict[str, Any], Tracks]) -> None:
    whole = [names for names in drawn[2]["meshes"].values() if len(names) == 52]
    assert len(whole) == 2, "skin and rim"
    for names in whole:
        assert sorted(names, key=lambda name: names[name]) == list(ARKIT_NAMES)


def _agreement_db(avatar: Avatar, folder: Path, pose: str) -> float:
    """Agreement with our own renderer inside the face, dB."""
    renderer = CpuRenderer(size=SIZE)
    ours = renderer.render([renderer.load(avatar)], POSES[pose][None])[0, ..., :3].astype(np.float64)
    inside = np.zeros((SIZE, SIZE), np.uint8)
    outline = np.rint(avatar.rest_px[list(OVAL)] * (SIZE / avatar.size)).astype(np.int32)
    cv2.fillPoly(inside, [outline], 1)
    inside = cv2.erode(inside, np.ones((7, 7), np.uint8)).astype(bool)
    error = ((ours - _picture(folder, pose)) ** 2)[inside].mean()
    return float(10 * np.log10(255**2 / error))


def test_rest_agrees_with_our_renderer(drawn: tuple[Avatar, Path, dict[str, Any], Tracks]) -> None:
    agreement_db = _agreement_db(*drawn[:2], "rest")
    print(f"rest against our renderer: {agreement_db:.1f} dB")
    assert agreement_db >= LEAST_DB


def test_a_flat_drawing_agrees_too(tmp_path: Path) -> None:
    """Its mouth is a line alone, its eyes are white and ink: shut, they are that ink again."""
    avatar = avatar_of_drawing(drawn_crop(eyes=True))
    poses = {name: POSES[name] for name in ("rest", "jaw", "smile", "oo", "blink")}
    report = draw_in_browser(glb_from_avatar(avatar), avatar=avatar, folder=tmp_path, size=SIZE, poses=poses)
    assert report["faults"] == []
    for pose in poses:
        agreement_db = _agreement_db(avatar, tmp_path, pose)
        print(f"{pose} of a drawing against our renderer: {agreement_db:.1f} dB")
        assert agreement_db >= LEAST_DB, pose


@pytest.mark.parametrize(
    ("pose", "moving", "still"),
    [
        ("jaw", [61, 291, 17], [33, 133, 263, 362, 10]),
        ("smile", [61, 291, 17], [151, 10]),
        ("blink", [33, 133, 159, 145], [61, 291, 17]),
        ("gaze", [33, 133, 159, 145], [61, 291, 17]),
        ("tongue", [61, 291, 17], [33, 133, 263, 362]),
    ],
)
def test_a_shape_changes_its_region_only(
    drawn: tuple[Avatar, Path, dict[str, Any], Tracks], pose: str, moving: list[int], still: list[int]
) -> None:
    avatar, folder, _, _ = drawn
    change = np.abs(_picture(folder, pose) - _picture(folder, "rest")).mean(axis=2)
    there, elsewhere = change[_region(avatar, moving, pad=0.1)], change[_region(avatar, still, pad=0)]
    assert there.mean() > 2.0
    assert there.mean() > 8 * elsewhere.mean()


def test_no_pixel_of_the_face_lets_the_background_through(
    drawn: tuple[Avatar, Path, dict[str, Any], Tracks],
) -> None:
    """The page is plain grey; inside the face nothing may show exactly that grey in a patch of 3 x 3."""
    avatar, folder, _, _ = drawn
    for pose in ("rest", "jaw", "smile", "oo", "blink", "gaze", "tongue"):
        shown = _picture(folder, pose)[_region(avatar, [33, 263, 61, 291], pad=0)]
        grey = (np.abs(shown - 128).max(axis=2) <= 1).astype(np.uint8)
        assert cv2.erode(grey, np.ones((3, 3), np.uint8), borderValue=0).sum() == 0, pose


def test_the_head_turns_to_its_left(drawn: tuple[Avatar, Path, dict[str, Any], Tracks]) -> None:
    """Yaw > 0 is the subject's left, the picture's right: the nose goes there, as in our own frame."""
    avatar, folder, _, _ = drawn
    renderer = CpuRenderer(size=SIZE)
    rest, turned = renderer.render([renderer.load(avatar)] * 2, np.stack([row(), POSES["yaw"]]))[..., :3]
    rows, columns = _region(avatar, [6, 1, 98, 327], pad=0.1)
    wide = slice(columns.start - 50, columns.stop + 50)

    def shift(one: np.ndarray, two: np.ndarray) -> float:
        nose, there = (np.ascontiguousarray(p.astype(np.float32)) for p in (one[rows, columns], two[rows, wide]))
        return float(np.argmax(cv2.matchTemplate(there, nose, cv2.TM_CCOEFF_NORMED)[0]) - 50)

    ours, theirs = shift(rest, turned), shift(_picture(folder, "rest"), _picture(folder, "yaw"))
    assert theirs > 5
    assert abs(ours - theirs) <= 2


def test_the_animation_plays_as_the_latents_say(drawn: tuple[Avatar, Path, dict[str, Any], Tracks]) -> None:
    _, folder, report, tracks = drawn
    (animation,) = report["animations"]
    assert animation["name"] == "Talk"
    assert animation["duration"] == pytest.approx(float(tracks.times_s[-1]), abs=1e-5)
    for moment, key in zip(report["moments"], (0, 20, 47), strict=True):
        faces = [np.array(w) for w in moment["weights"].values() if len(w) == 52]
        assert len(faces) == 2
        for weights in faces:
            np.testing.assert_allclose(weights, tracks.shapes[key], atol=1e-4)
        np.testing.assert_allclose(moment["head"], tracks.head_turn[key], atol=1e-4)
        np.testing.assert_allclose(moment["left"], tracks.eye_turn["left"][key], atol=1e-4)
        np.testing.assert_allclose(moment["shift"], tracks.head_shift[key] * 0.01, atol=1e-5)
        np.testing.assert_allclose(moment["body"], tracks.body_shift[key] * 0.01, atol=1e-5)
    assert np.abs(_picture(folder, "at_1") - _picture(folder, "at_0")).max() > 20


def test_the_lit_head_has_shape(npc: Callable[[str], Avatar], tmp_path: Path) -> None:
    """Lit by the page's lamp: like the picture, and not the same."""
    avatar = npc("innkeeper")
    glb = glb_from_avatar(avatar, look=Look(lit=True))
    report = draw_in_browser(
        glb, avatar=avatar, folder=tmp_path, size=SIZE, poses={"rest": row(), "jaw": row(jawOpen=0.6)}
    )
    assert report["faults"] == []
    face = _region(avatar, list(OVAL), pad=-0.15)
    shown, photo = _picture(tmp_path, "rest")[face], avatar.picture[face].astype(np.float64)
    assert np.corrcoef(shown.mean(axis=2).ravel(), photo.mean(axis=2).ravel())[0, 1] > 0.8
    assert np.abs(shown - photo).mean() > 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(PICTURES / "three_lit.png"), cv2.imread(str(tmp_path / "jaw.png")))
