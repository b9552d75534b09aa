"""The Godot demo with a real server, a real voice and real outages: numbers, counts and pixels, never speed."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile
from engine_runs import PICTURES
from godot_project import GodotProject, complaints
from live_stack import LiveStack, live_stack
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from visavis.latents import INDEX
from visavis_bridge.wire import Kind, message_of_bytes

EASE_MS = 120
JAW = INDEX["jawOpen"]


class Listener(threading.Thread):
    """Another reader of the same character: what the bridge has sent, for comparison."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.address = f"ws://127.0.0.1:{port}/?topic=innkeeper/motion"
        self.frames: dict[int, list[tuple[int, np.ndarray]]] = {}

    def run(self) -> None:
        try:
            with connect(self.address, max_size=None) as socket:
                for data in socket:
                    message = message_of_bytes(data if isinstance(data, bytes) else data.encode())
                    assert message.kind == Kind.MOTION
                    face = np.frombuffer(message.payload, "<f4")
                    self.frames.setdefault(message.line, []).append((message.line_sample, face))
        except (WebSocketException, OSError):
            return  # the bridge was ended, as the test does

    def face_at(self, line: int, position: float) -> np.ndarray:
        """[64], between the two frames around a position."""
        samples = np.array([sample for sample, _ in self.frames[line]])
        faces = np.stack([face for _, face in self.frames[line]])
        return np.array([np.interp(position, samples, faces[:, i]) for i in range(faces.shape[1])])


class Played:
    """What the demo did."""

    def __init__(self, folder: Path, *, heard: Listener) -> None:
        log = json.loads((folder / "log.json").read_text(encoding="utf-8"))
        self.rows: list[dict[str, Any]] = log["rows"]
        self.events: list[dict[str, Any]] = log["events"]
        self.log = log
        self.heard = heard
        self.pictures = {path.stem: cv2.imread(str(path)).astype(np.float64) for path in folder.glob("*.png")}

    def event_ms(self, name: str, *, value: object, after_ms: float = 0) -> float:
        return next(e["ms"] for e in self.events if (e["name"], e["value"]) == (name, value) and e["ms"] > after_ms)

    def speaking(self, line: int) -> list[dict[str, Any]]:
        """Draws in which the face follows a line, after it has eased into it."""
        since_ms, found = 0.0, []
        for before, row in zip(self.rows, self.rows[1:], strict=False):
            if row["source"] != before["source"]:
                since_ms = row["ms"]
            if (
                row["source"] == line and row["ms"] - since_ms > 2 * EASE_MS
            ):  # a busy machine may write a draw down late
                found.append(row)
        return found

    def change(self, one: str, other: str, *, where: str, x: float, y: float, half: float) -> float:
        """Mean difference of two pictures in a square of the portrait or the model, shares of its side."""
        left, top, right, bottom = self.log[where]
        side = right - left
        column, row, reach = left + x * side, top + y * (bottom - top), half * side
        part = (slice(int(row - reach), int(row + reach)), slice(int(column - reach), int(column + reach)))
        return float(np.abs(self.pictures[one][part] - self.pictures[other][part]).mean())


@pytest.fixture(scope="module")
def played(godot_sample: GodotProject) -> Played:
    """One play of the demo: idle, a line, one that is interrupted, a server that goes and comes, a bridge too."""
    with live_stack(godot_sample.folder / "npc" / "avatars") as stack:
        heard = Listener(stack.ports[3])
        heard.start()
        obey = partial(_obey, stack=stack)
        printed = godot_sample.run("live.tscn", "--resolution", "640x360", PORT=str(stack.ports[3]), on_word=obey)
    assert complaints(printed) == []
    assert (godot_sample.folder / "log.json").exists(), printed[-3000:]
    play = Played(godot_sample.folder, heard=heard)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in play.pictures.items():
        cv2.imwrite(str(PICTURES / f"godot_live_{name}.png"), picture)
    return play


def _obey(word: str, *, stack: LiveStack) -> None:
    print(word)
    orders = {
        "KILL SERVER": stack.kill_server, "START SERVER": stack.start_server,
        "KILL BRIDGE": stack.kill_bridge, "START BRIDGE": stack.start_bridge,
    }  # fmt: skip
    if word in orders:
        orders[word]()


def test_every_shape_of_the_head_is_found(played: Played) -> None:
    assert played.log["found"] == 52


def test_every_motion_message_is_read(played: Played) -> None:
    """As many as the other reader got of the lines that were said to their end."""
    line = played.speaking(1)
    assert line[-1]["motion"] - line[0]["motion"] > 60
    assert len(played.heard.frames[1]) == pytest.approx(6 * 60, rel=0.35)
    assert all(later["motion"] >= row["motion"] for row, later in zip(played.rows, played.rows[1:], strict=False))


def test_the_sound_is_the_clock_and_never_runs_backwards(played: Played, root: Path) -> None:
    """Godot's player without a device sleeps between its blocks: never too fast, slow on a busy machine."""
    rows = played.speaking(1)
    positions = np.array([row["position"] for row in rows])
    passed_ms = rows[-1]["ms"] - rows[0]["ms"]
    assert np.all(np.diff(positions) >= 0)
    assert 0.3 < (positions[-1] - positions[0]) / 16 / passed_ms < 1.05
    length = soundfile.info(root / "samples" / "lines" / "innkeeper.flac").frames
    assert 0.5 * length < positions[-1] <= length


def test_the_face_is_that_of_the_sounds_position(played: Played) -> None:
    """Against what another reader got; draws that were ahead of the motion show its newest frame and are left out."""
    rows = [row for row in played.speaking(1) if row["newest"] >= row["position"]]
    assert len(rows) >= 10
    assert len(rows) > 0.5 * len(played.speaking(1))
    apart = [float(np.abs(np.array(r["face"]) - played.heard.face_at(1, r["position"])).max()) for r in rows]
    assert [
        (row["ms"], row["position"], row["newest"], d) for row, d in zip(rows, apart, strict=True) if d > 1e-3
    ] == []


def test_the_picture_is_that_of_the_sounds_position(played: Played) -> None:
    """The newest that has come and whose moment has come: no other is nearer to the sound."""
    rows = played.speaking(1)
    assert len(rows) >= 10
    for row in rows:
        due = [s for ms, line, s in played.log["came"] if line == 1 and ms <= row["ms"] and s <= row["position"]]
        assert row["picture_sample"] == (due[-1] if due else -1)
    samples = [sample for _, line, sample in played.log["came"] if line == 1]
    offsets = [row["position"] - row["picture_sample"] for row in rows if row["picture_line"] == 1]
    assert np.median(offsets) <= np.median(np.diff(samples)), "within one picture, at the rate at which they came"


def test_a_line_after_an_interrupted_one_has_its_own_pictures(played: Played) -> None:
    assert 3 in {row["picture_line"] for row in played.speaking(3)}


@pytest.mark.parametrize("where", ["portrait", "model"])
def test_the_jaw_moves_with_the_speech(played: Played, where: str) -> None:
    mouth = played.change("open", "shut", where=where, x=0.5, y=0.62, half=0.09)
    corner = played.change("open", "shut", where=where, x=0.1, y=0.1, half=0.08)
    assert mouth > 4
    assert corner < 0.1 * mouth


def test_an_interrupted_line_shuts_the_mouth(played: Played) -> None:
    after_ms = played.log["interrupted_ms"]
    rows = [
        r for r in played.rows if after_ms + 2 * EASE_MS < r["ms"] < played.event_ms("picture", value="interrupted")
    ]
    assert rows
    assert all(row["position"] == -1 for row in rows)
    assert rows[-1]["face"][JAW] < 0.05
    assert played.event_ms("line_interrupted", value=2) >= after_ms


def test_without_a_server_the_face_rests_and_comes_back(played: Played) -> None:
    away_ms = played.event_ms("state_changed", value="away")
    rows = [r for r in played.rows if r["state"] == "away" and r["ms"] > away_ms + EASE_MS]
    assert rows
    assert {row["source"] for row in rows} == {0}
    assert max(np.abs(row["face"]).max() for row in rows) == 0
    assert {row["picture_line"] for row in rows} == {0}, "no picture of the line stays"
    assert played.event_ms("state_changed", value="live", after_ms=away_ms)
    assert played.event_ms("line_interrupted", value=3)


def test_without_a_bridge_it_is_lost_and_comes_back(played: Played) -> None:
    lost_ms = played.event_ms("state_changed", value="lost")
    assert played.event_ms("state_changed", value="live", after_ms=lost_ms)
    assert not [event for event in played.events if event["name"] == "failed"]


def test_wishes_reach_the_face_of_another_bridge(played: Played) -> None:
    idle, happy = (
        next(np.array(e["face"]) for e in played.events if e["value"] == name and e["name"] == "picture")
        for name in ("idle", "happy")
    )
    assert happy[INDEX["mouthSmileLeft"]] - idle[INDEX["mouthSmileLeft"]] > 0.2
    assert happy[INDEX["leftEyeYaw"]] + happy[INDEX["headYaw"]] > 0.15, "the mouse is to the model's left"
