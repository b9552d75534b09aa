"""The browser page as the tests see it: where it is, when it is live, and what it complains of."""

from __future__ import annotations

from live_stack import LiveStack

LIVE = (
    "visavis.was === 'live' && !document.querySelector('#stage').classList.contains('waiting')"
    " && getComputedStyle(document.querySelector(`#${visavis.view}`)).opacity === '1'"
)
NOTICE = "document.querySelector('#notice').hidden ? '' : document.querySelector('#notice').innerText"


def address(stack: LiveStack) -> str:
    return f"http://127.0.0.1:{stack.ports[3]}/"
