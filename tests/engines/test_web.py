"""The browser page in a headless Chromium, with a real server and a real bridge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from browser import Browser, browser
from engine_runs import PICTURES
from live_stack import LiveStack
from web_page import LIVE, NOTICE, address

from visavis.latents import INDEX

FRAME = 400
"""25 ms in samples."""
SETTLED_S = 0.2
"""The follower eases for 0.12 s into another source."""
QUIET = "visavis.talker.draw().line === 0 && visavis.talker.live"


def slide(page: Browser, name: str, value: float) -> None:
    page.js(
        f"(() => {{ const one = document.getElementById('{name}'); one.value = {value}; "
        "one.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )


def test_a_visitor_sees_who_is_there(page: Browser) -> None:
    page.until("[...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    assert page.js("[...document.querySelectorAll('[name=face]')].map((one) => [one.value, one.checked])") == [
        ["android", False], ["guard", False], ["innkeeper", True], ["scholar", False],
    ]  # fmt: skip
    assert page.do("isVisible", "#generated")
    assert page.js(NOTICE) == ""
    page.shot(PICTURES / "web_idle.png")
    page.do("check", "[name=face][value=scholar]", {"force": True})
    page.until(f"{LIVE} && document.querySelector('#head').ariaLabel === 'The face of scholar'")
    page.shot(PICTURES / "web_scholar.png")
    assert page.do("faults") == []


def test_the_mouth_follows_the_position_of_the_sound(page: Browser) -> None:
    page.do("setViewportSize", {"width": 600, "height": 400})  # small, so that software draws it often
    page.do("click", ".line")
    page.until("document.querySelector('#caption').textContent")
    page.until("visavis.talker.sound.now({ now_s: 0 }).position > 24000")
    page.until(f"record.events.includes('LINE_FINISHED') && {QUIET}")
    page.until("record.draws.at(-1)[0] > record.draws.findLast(([, line]) => line)[0] + 0.5")
    page.do("setViewportSize", {"width": 900, "height": 600})
    record = page.js("({ heard: record.heard, draws: record.draws })")
    frames = np.array([[sample, jaw + 0.22 * tongue * (1 - jaw)] for _, sample, jaw, tongue in said(record["heard"])])
    assert np.diff(frames[:, 0]).max() <= 267, "motion was lost"
    compared, since_s, before = 0, 0.0, 0
    for now_s, line, position, source, jaw, newest in record["draws"]:
        # Motion that comes late, on a busy machine, leaves the newest frame, or a face that rests and eases back.
        since_s, before = (since_s if source == before else now_s), source
        if not line or source != line or now_s < since_s + SETTLED_S or newest < position:
            continue
        at = max(position, frames[0, 0])  # below 0 the sound is on its way to the loudspeaker
        around = frames[np.abs(frames[:, 0] - at) <= FRAME, 1]
        assert around.min() - 1e-3 <= jaw <= around.max() + 1e-3, f"at {position / 16_000:.3f} s"
        compared += 1
    played = [draw for draw in record["draws"] if draw[1]]
    followed = [draw for draw in played if draw[3] == draw[1]]
    print(f"{compared} draws compared, {len(followed)} of {len(played)} with a sound followed it")
    assert compared >= 15
    assert np.ptp([draw[4] for draw in played]) > 0.15
    assert record["draws"][-1][4] < 0.1, "the mouth stays open"
    assert page.do("faults") == []


def said(heard: list[list[float]]) -> list[list[float]]:
    """The frames of the line that was said last."""
    last = max(row[0] for row in heard)
    return [row for row in heard if row[0] == last]


def test_pictures_belong_to_the_sound(page: Browser) -> None:
    page.do("check", "[name=view][value=picture]", {"force": True})
    page.until(f"{LIVE} && visavis.picture.shown")
    page.js("window.pixels = probe.pixels(), true")
    page.do("click", ".line")
    page.until("pixels.filter(({ position }) => position > 0).length > 20")
    page.shot(PICTURES / "web_picture.png")
    rows = [row for row in page.js("pixels") if row["line"] and row["of"] and row["of"][0] == row["line"]]
    assert len(rows) >= 10
    for row in rows:
        assert row["of"][1] <= row["position"], "a picture was shown before its sound"
    change = np.ptp(np.array([row["green"] for row in rows], np.float64).reshape(-1, 64, 64), axis=0)
    mouth, corner = change[38:50, 24:42], change[:6, :6]
    assert mouth.max() > 40
    assert corner.max() < 12
    assert page.do("faults") == []


def test_the_face_looks_feels_and_comes_near(page: Browser) -> None:
    looks = "visavis.head.pose.eyes[0].yaw + visavis.head.pose.head.yaw"
    slide(page, "yaw", 30)
    page.until(f"{looks} > 0.25")
    slide(page, "yaw", -30)
    page.until(f"{looks} < -0.25")
    assert not page.js("document.querySelector('#follow').checked")
    slide(page, "pitch", 20)
    page.until("visavis.head.pose.eyes[0].pitch + visavis.head.pose.head.pitch > 0.1")
    slide(page, "distance", -1)
    page.until("visavis.head.pose.nearer_m > 0.005")
    smile = f"visavis.head.weights[{INDEX['mouthSmileLeft']}]"
    page.do("check", "[name=feels][value=happy]", {"force": True})
    page.until(f"{smile} > 0.2")
    page.shot(PICTURES / "web_happy.png")
    page.do("check", "[name=feels][value=neutral]", {"force": True})
    page.until(f"{smile} < 0.1")
    page.do("check", "#follow")
    page.do("mouse.move", 560, 230)
    page.until(f"{looks} > 0.2")
    page.do("mouse.move", 20, 230)
    page.until(f"{looks} < -0.2")


def test_wishes_outlive_another_face(page: Browser) -> None:
    slide(page, "distance", -1)
    page.do("check", "[name=face][value=guard]", {"force": True})
    page.until(f"{LIVE} && document.querySelector('#head').ariaLabel === 'The face of guard'")
    page.until("visavis.head.pose.nearer_m > 0.005")


def test_the_microphone_moves_the_mouth_without_a_sound(page: Browser) -> None:
    page.do("focus", "#talk")
    page.do("keyboard.down", "Space")
    page.until("record.draws.filter(([,,, source, jaw]) => source === -1 && jaw > 0.15).length > 3")
    assert page.js("document.querySelector('#talk').innerText.trim()") == "Listening"
    page.shot(PICTURES / "web_microphone.png")
    page.do("keyboard.up", "Space")
    page.until("record.events.includes('LINE_FINISHED')")
    assert page.js("record.draws.every(([, line]) => line === 0)"), "the own voice was played back"
    page.until("record.draws.at(-1)[4] < 0.1")
    assert page.do("faults") == []


def test_talking_and_stopping_interrupt(page: Browser) -> None:
    for stop in (("click", "#stop"), ("keyboard.press", "Escape"), ("keyboard.down", "Space")):
        page.do("click", ".line")
        page.until("visavis.talker.sound.now({ now_s: 0 }).position > 8000")
        page.js("record.events.length = 0")
        page.js("document.activeElement.blur()")
        page.do(*stop)
        page.until(f"record.events.includes('LINE_INTERRUPTED') && {QUIET}")
        assert page.js("document.querySelector('#caption').textContent") == ""
    page.do("keyboard.up", "Space")
    page.until("record.draws.at(-1)[4] < 0.1")


def test_pressed_twice_it_is_said_once(page: Browser) -> None:
    page.do("click", ".line")
    page.until("record.events.includes('LINE_STARTED')")
    page.js("visavis.sayLine(visavis.lines[0])")  # now its sound is here
    page.js("visavis.talker.follower.mine.clear()")
    page.js("Promise.all([0, 0].map(() => visavis.sayLine(visavis.lines[0])))")
    assert page.js("visavis.talker.follower.mine.size") == 1
    page.do("click", "#stop")


def test_a_sound_file_of_ones_own(page: Browser, voice: Path, tmp_path: Path) -> None:
    page.do("setInputFiles", "#file", str(voice))
    page.until("visavis.talker.sound.now({ now_s: 0 }).position > 8000")
    assert page.js("document.querySelector('#caption').textContent") == "voice.wav"
    page.do("click", "#stop")
    text = tmp_path / "notes.mp3"
    text.write_text("no sound")
    page.do("setInputFiles", "#file", str(text))
    assert "cannot read notes.mp3" in page.until(NOTICE)
    page.do("click", "#dismiss")
    assert page.js(NOTICE) == ""


def test_a_refused_microphone_says_what_to_do(web_stack: LiveStack) -> None:
    with browser("--use-fake-device-for-media-stream", "--deny-permission-prompts") as chrome:
        chrome.do("setViewportSize", {"width": 900, "height": 600})
        chrome.do("goto", address(web_stack))
        chrome.until(LIVE)
        chrome.do("click", "#talk")
        assert "Allow the microphone" in chrome.until(NOTICE)
        chrome.shot(PICTURES / "web_refused.png")


def test_a_narrow_screen_has_everything(page: Browser) -> None:
    page.do("setViewportSize", {"width": 400, "height": 800})
    try:
        page.until("document.documentElement.scrollWidth <= 400")
        page.shot(PICTURES / "web_narrow.png")
        page.do("click", ".line >> nth=1")
        page.until("document.querySelector('#caption').textContent")
        assert page.js("probe.outside()") == []
    finally:
        page.do("setViewportSize", {"width": 900, "height": 600})


def test_everything_has_a_name_and_can_be_reached_by_keyboard(page: Browser) -> None:
    assert page.js("probe.unnamed()") == []
    page.js("document.activeElement.blur()")
    reached = set()
    for _ in range(30):
        page.do("keyboard.press", "Tab")
        reached.add(
            page.js("document.activeElement.name || document.activeElement.id || document.activeElement.className")
        )
    assert {"talk", "view", "face", "line", "own", "feels", "strength", "yaw", "pitch", "follow", "distance"} <= reached
    assert page.js("probe.faint()") == []


def test_two_tabs_do_not_steer_each_other(page: Browser, web_stack: LiveStack) -> None:
    assert page.js("visavis.talker.character").startswith("page-")
    with browser() as other:
        other.do("goto", address(web_stack))
        other.until(LIVE)
        assert other.js("visavis.talker.character") != page.js("visavis.talker.character")
