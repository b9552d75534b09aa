from __future__ import annotations

import io

from visavis_runtime.write.progress import progress


def test_plain_lines_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with progress("Drawing", total=400, stream=stream) as advance:
        for _ in range(50):
            advance(8)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Drawing: 400 frames"
    assert lines[-1] == "Drawing: 400 of 400 frames"
    assert len(lines) == 11


def test_a_bar_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with progress("Drawing", total=10, stream=stream) as advance:
        advance(10)
    assert "10/10" in stream.getvalue()
