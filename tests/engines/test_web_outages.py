"""The browser page while its server or its bridge goes, and after it has come back."""

from __future__ import annotations

from browser import Browser
from engine_runs import PICTURES
from live_stack import LiveStack
from web_page import LIVE, NOTICE

from visavis.latents import INDEX


def test_a_server_that_goes_and_comes_back(page: Browser, web_stack: LiveStack) -> None:
    page.do("click", ".line")
    page.until("visavis.talker.sound.now({ now_s: 0 }).position > 8000")
    web_stack.kill_server()
    page.until("visavis.was === 'away'")
    assert "visavis serve" in page.until(NOTICE)
    page.until("visavis.talker.sound.now({ now_s: 0 }).line === 0")
    assert page.do("isDisabled", "#talk")
    page.shot(PICTURES / "web_away.png")
    web_stack.start_server()
    page.until(f"{LIVE} && ({NOTICE}) === ''")
    page.do("click", ".line")
    page.until("visavis.talker.sound.now({ now_s: 0 }).position > 4000")


def test_a_bridge_that_goes_and_comes_back(page: Browser, web_stack: LiveStack) -> None:
    blink = INDEX["eyeBlinkLeft"]
    web_stack.kill_bridge()
    page.until("visavis.was === 'lost'")
    assert "visavis serve --web" in page.until(NOTICE)
    page.until("visavis.head.weights.every((weight) => weight < 0.01)")
    page.js(f"window.most = 0, visavis.drawn = ({{ face }}) => (window.most = Math.max(most, face[{blink}])), true")
    page.until("window.most > 0.2")
    page.shot(PICTURES / "web_lost.png")
    web_stack.start_bridge()
    page.until(f"{LIVE} && ({NOTICE}) === ''")
    page.do("click", ".line")
    page.until("visavis.talker.sound.now({ now_s: 0 }).position > 4000")
