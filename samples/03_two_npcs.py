"""You see two NPCs in a dialogue, one talk each: whoever is silent goes on blinking and looks at the one who speaks.

`pip install -e . soundfile` here, start `visavis serve`, then run: python samples/03_two_npcs.py [HOST:PORT]
"""

import asyncio
import sys
from pathlib import Path

import soundfile

import visavis

LINES = Path(__file__).parent / "lines"


async def watch(name: str, talk: visavis.Talk, faces: dict[str, visavis.MotionFrame]) -> None:
    """Read one NPC's frames; the newest is its face, as in the update of a game."""
    async for frame in talk:
        if isinstance(frame, visavis.MotionFrame):
            faces[name] = frame
        elif isinstance(frame, visavis.Event):
            print(f"{name}: {frame.kind.value} {frame.line}")


async def show(faces: dict[str, visavis.MotionFrame]) -> None:
    """Draw the game, ten times a second."""
    while True:
        await asyncio.sleep(0.1)
        for name, face in faces.items():
            eyes = "- -" if face["eyeBlinkLeft"] > 0.5 else "o o"
            print(f"{name} {eyes} |{'#' * round(40 * face['jawOpen']):20}|", end="   ")
        print()


async def main(server: str = "127.0.0.1:8610") -> None:
    faces: dict[str, visavis.MotionFrame] = {}
    async with (
        visavis.Client(server) as client,
        client.talk(sample_rate_hz=16_000, seed=1) as guard,
        client.talk(sample_rate_hz=16_000, seed=2) as android,
    ):
        npcs = {"guard": guard, "android": android}
        watching = [asyncio.create_task(watch(name, talk, faces)) for name, talk in npcs.items()]
        drawing = asyncio.create_task(show(faces))
        for name, speaker in npcs.items():
            audio, _ = soundfile.read(LINES / f"{name}.flac", dtype="float32")
            await guard.control(gaze=(0.3 if speaker is android else 0.0, 0.0))
            await android.control(gaze=(-0.3 if speaker is guard else 0.0, 0.0))
            await (await speaker.say(audio, line=name)).finished()
        drawing.cancel()
        print("guard", await guard.finish(), "android", await android.finish())
        await asyncio.gather(*watching)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except visavis.VisavisError as error:
        sys.exit(str(error))
