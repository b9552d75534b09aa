"""You see your own voice move a VRM avatar in VSeeFace, Warudo or any app that takes VMC (Ctrl-C ends it).

Start `visavis serve` and the app's receiver, then run: python samples/06_vrm_avatar.py [HOST:PORT] [VMC_HOST[:PORT]]
Without sounddevice (`pip install sounddevice`) or a microphone a recorded line stands in, in its own tempo.
"""

import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

import visavis
from visavis_bridge.vmc import vmc_sender

LINE = Path(__file__).parent / "lines" / "android.flac"
RATE_HZ = 16_000
CHUNK = RATE_HZ // 50


def voice() -> Iterator[np.ndarray]:
    try:
        import sounddevice

        heard: queue.Queue[np.ndarray] = queue.Queue()
        stream = sounddevice.InputStream(RATE_HZ, CHUNK, channels=1, callback=lambda sound, *_: heard.put(sound.copy()))
    except Exception as missing:
        print(f"No microphone ({missing}): the android's line stands in.")
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


def main(server: str = "127.0.0.1:8610", vmc: str = "127.0.0.1") -> None:
    with vmc_sender(vmc) as avatar, visavis.blocking.Client(server) as client, client.talk(quality="fast") as talk:
        print(f"VMC goes to {avatar.host}:{avatar.port}: the avatar's app must receive there.")
        talk.say(voice())
        talk.end()
        for frame in talk:
            if isinstance(frame, visavis.MotionFrame):
                avatar.send("me", frame)
            elif isinstance(frame, visavis.Event):
                print(f"{frame.sample / RATE_HZ:6.2f} s  {frame.kind.value}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (visavis.VisavisError, KeyboardInterrupt) as error:
        sys.exit(str(error) or 0)
