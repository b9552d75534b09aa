"""Lines of the log: one a record, with the talk and who called, never with what was said or shown."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator

import grpc
import live_server
import numpy as np
import pytest
from live_server import Client, Running, chunk, start

from visavis_runtime.serve import logs

TOKENS = '[[token]]\nname = "studio"\ntoken = "s3cret-t0ken"\n'


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged; afterwards logging is as it was."""
    root, package = logging.getLogger(), logging.getLogger(logs.PACKAGE)
    before = root.handlers[:], root.level, package.level
    stream = io.StringIO()
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    package.setLevel(before[2])


def test_text_lines(stream: io.StringIO) -> None:
    logs.set_up("text", stream=stream)
    log = logging.getLogger("visavis_runtime.serve.gateway.talk")
    logs.about(log, talk=7, caller="studio", secret="x").info("a line %s", "forged\n2026 ERROR \x1b[31m")
    log.debug("not shown")
    logging.getLogger("other").info("not shown")
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert "INFO talk: a line forged?2026 ERROR ?[31m (talk 7, caller studio)" in line


def test_json_lines(stream: io.StringIO) -> None:
    logs.set_up("json", stream=stream)
    log = logging.getLogger("visavis_runtime.x")
    logs.about(log, talk=7, caller="studio", secret="x").warning("two\nlines")
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("it failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "WARNING", "logger": "visavis_runtime.x", "message": "two\nlines", "talk": 7, "caller": "studio"
    }  # fmt: skip
    assert "ValueError: why" in second["trace"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_talk_leaves_its_name_and_nothing_of_what_was_said(
    form: str, stream: io.StringIO, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Everything is logged, down to debugging; what went in and came out is looked for in many spellings."""
    folder = tmp_path_factory.mktemp("logs")
    (folder / "tokens.toml").write_text(TOKENS)
    logs.set_up(form, stream=stream)
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger(logs.PACKAGE).setLevel(logging.DEBUG)
    pcm = np.random.default_rng(5).integers(-9000, 9000, 8000).astype("<i2").tobytes()
    running = Running(live_server.config(tokens=folder / "tokens.toml"))
    latents: list[float] = []
    try:
        with grpc.insecure_channel(running.address) as channel:
            client = Client(channel, metadata=[("authorization", "Bearer s3cret-t0ken")])
            client.send(start=start(pacing=2, audio_echo=True))
            client.send(audio=chunk(pcm, line="greeting"))
            client.half_close()
            for response in client.rest():
                latents += response.motion.latents
            broken = Client(channel, metadata=[("authorization", "Bearer s3cret-t0ken")])
            broken.send(start=start())
            broken.send(audio=chunk(pcm[:-1]))
            assert broken.refusal()[1] == "AUDIO_ALIGNMENT"
            stranger = Client(channel, metadata=[("authorization", "Bearer wr0ng-t0ken")])
            stranger.send(start=start())
            assert stranger.refusal()[1] == "TOKEN_UNKNOWN"
    finally:
        running.stop()
    text = stream.getvalue()
    assert len(latents) > 1000
    for word in ("s3cret-t0ken", "wr0ng-t0ken"):
        assert word not in text
    for at in range(0, len(pcm) - 12, 2):
        piece = pcm[at : at + 12]
        numbers = ", ".join(map(str, np.frombuffer(piece, "<i2")))
        for spelling in (piece.hex(), repr(piece)[2:-1], numbers, base64.b64encode(piece[: 12 - at % 3]).decode()):
            assert spelling not in text
    assert not any(f"{value:.5f}"[:-1] in text for value in latents if abs(value) > 0.01)
    lines = text.splitlines()
    if form == "json":
        talks = [entry for entry in map(json.loads, lines) if "talk" in entry]
        assert {entry["caller"] for entry in talks} == {"studio"}
        assert [entry["message"].split(":")[0] for entry in talks][:2] == ["talk began", "talk ended"]
        assert "AUDIO_ALIGNMENT" in {entry.get("reason") for entry in talks}
    else:
        assert sum("caller studio" in line for line in lines) == 4
