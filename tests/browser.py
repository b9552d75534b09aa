"""A page in a headless Chromium, led from Python by playwright's method names (tests/engines/web/browse.mjs)."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine_runs import ENGINES, chromium, need_node

WAIT_S = 60.0


class Browser:
    """`do("goto", url)`, `do("keyboard.down", "Space")`; `js(text)` is the value of an expression in the page."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, call: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": call, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the browser has ended"
        answer = json.loads(line)
        assert "error" not in answer, f"{call} {arguments}: {answer['error']}"
        return answer.get("value")  # undefined has none

    def js(self, text: str) -> Any:
        return self.do("evaluate", text)

    def until(self, text: str, *, within_s: float = WAIT_S) -> Any:
        """The value of an expression as soon as it is true."""
        return self.wait(lambda: self.js(text), what=text, within_s=within_s)

    @staticmethod
    def wait(found: Callable[[], Any], *, what: str, within_s: float = WAIT_S) -> Any:
        end_s = time.monotonic() + within_s
        while not (value := found()):
            assert time.monotonic() < end_s, f"not within {within_s:g} s: {what}"
            time.sleep(0.05)
        return value

    def shot(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.do("screenshot", {"path": str(path)})
        return path


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """A browser with an empty page, for as long as the block runs; `flags` of Chromium."""
    need_node("playwright-core")
    command = ["node", str(ENGINES / "web" / "browse.mjs"), chromium(), *flags]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Browser(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
