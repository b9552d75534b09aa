"""You see a face say its line: the jaw as a live meter, and the widest mouth as the picture hello_face.jpg.

`pip install -e . soundfile` here, start `visavis serve` in another terminal, then run:
python samples/01_hello_face.py [HOST:PORT]
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import soundfile

import visavis

SAMPLES = Path(__file__).parent


async def main(server: str = "127.0.0.1:8610") -> None:
    audio, rate_hz = soundfile.read(SAMPLES / "lines" / "innkeeper.flac", dtype="float32")
    async with visavis.Client(server) as client:
        with suppress(visavis.ExistsError):  # from the last time
            await client.create_avatar(SAMPLES / "portraits" / "innkeeper.png", name="innkeeper")
        async with client.talk(avatar="innkeeper", textures="jpeg", sample_rate_hz=rate_hz) as talk:
            ready = talk.ready
            print(f"The face is {ready.latency_ms:.0f} ms behind the voice; AI generated: {ready.ai_generated}.")
            await talk.say(audio)
            talk.end()
            jaw = widest = 0.0
            picture = b""
            async for frame in talk:
                if isinstance(frame, visavis.Event):
                    print(f"{frame.sample / 16_000:6.2f} s  {frame.kind.value} {frame.message}")
                elif isinstance(frame, visavis.MotionFrame):
                    jaw = frame["jawOpen"]
                elif isinstance(frame, visavis.TextureFrame):
                    print(f"{frame.sample / 16_000:6.2f} s  |{'#' * round(60 * jaw):40}|")
                    if jaw >= widest:
                        widest, picture = jaw, frame.data
        Path("hello_face.jpg").write_bytes(picture)
        print(f"hello_face.jpg: the mouth at its widest. {talk.summary}")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except visavis.VisavisError as error:
        sys.exit(str(error))
