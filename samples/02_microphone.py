"""You see your own voice move a jaw, live, as long as you speak (Ctrl-C ends it).

`pip install -e . soundfile sounddevice` here, start `visavis serve`: python samples/02_microphone.py [HOST:PORT]
Without sounddevice or a microphone a recorded line stands in, in its own tempo.
"""

import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

import visavis

LINE = Path(__file__).parent / "lines" / "guard.flac"
RATE_HZ = 16_000
CHUNK = RATE_HZ // 50


def voice() -> Iterator[np.ndarray]:
    try:
        import sounddevice

        heard: queue.Queue[np.ndarray] = queue.Queue()
        stream = sounddevice.InputStream(RATE_HZ, CHUNK, channels=1, callback=lambda sound, *_: heard.put(sound.copy()))
    except Exception as missing:
        print(f"No microphone ({missing}): the guard's line stands in.")
        audio, _ = soundfile.read(LINE, dtype="float32")
        start_s = time.monotonic()
        for at in range(0, len(audio), CHUNK):
            time.sleep(max(0.0, start_s + at / RATE_HZ - time.monotonic()))
            yield audio[at : at + CHUNK]
        return
    with stream:
        print("Speak. Ctrl-C ends it.")
        while True:
            yield heard.get()


def main(server: str = "127.0.0.1:8610") -> None:
    with visavis.blocking.Client(server) as client, client.talk(sample_rate_hz=RATE_HZ, quality="fast") as talk:
        talk.say(voice())
        talk.end()
        for number, frame in enumerate(talk):
            if isinstance(frame, visavis.Event):
                print(f"{frame.sample / 16_000:6.2f} s  {frame.kind.value}")
            elif isinstance(frame, visavis.MotionFrame) and number % 6 == 0:
                waited_ms = frame.latency.motion_ms + frame.latency.send_ms
                print(f"{frame.sample / 16_000:6.2f} s  |{'#' * round(60 * frame['jawOpen']):40}| {waited_ms:4.0f} ms")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (visavis.VisavisError, KeyboardInterrupt) as error:
        sys.exit(str(error) or 0)
