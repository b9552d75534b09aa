"""You see an NPC cut short by the player: the mouth shuts within 120 ms, and the NPC answers with another line.

`pip install -e . soundfile` here, start `visavis serve`, then run: python samples/04_interrupt.py [HOST:PORT]
"""

import asyncio
import sys
from pathlib import Path

import soundfile

import visavis

LINES = Path(__file__).parent / "lines"


async def main(server: str = "127.0.0.1:8610") -> None:
    story, _ = soundfile.read(LINES / "scholar.flac", dtype="float32")
    answer, _ = soundfile.read(LINES / "guard.flac", dtype="float32")
    async with visavis.Client(server) as client, client.talk(sample_rate_hz=16_000) as talk:
        first = await talk.say(story, line="story")
        await talk.say(story, line="more of the story")
        await talk.mark(first, 24_000, "the player has heard enough")
        cut_sample = -1
        frames = 0
        async for frame in talk:
            if isinstance(frame, visavis.MotionFrame):
                frames += 1
                if frames % 6 == 0:
                    print(f"{frame.sample / 16_000:6.2f} s  {frame.line:18}|{'#' * round(60 * frame['jawOpen']):40}|")
                if cut_sample >= 0 and frame["jawOpen"] < 0.02:
                    print(f"   the mouth is shut {(frame.sample - cut_sample) / 16:.0f} ms after the interruption")
                    cut_sample = -1
                    await talk.say(answer[:32_000], line="answer")
                    talk.end()
                continue
            assert isinstance(frame, visavis.Event)
            print(f"{frame.sample / 16_000:6.2f} s  {frame.kind.value}: {frame.message or frame.line}")
            if frame.kind is visavis.EventKind.MARKER:
                await talk.interrupt()  # here a game stops its sound too
                cut_sample = frame.sample
        print("the story was heard to its end:", await first.finished())


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except visavis.VisavisError as error:
        sys.exit(str(error))
