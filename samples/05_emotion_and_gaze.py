"""You see a director at work: a smile, a look to the side, a frown, each at its word, blended in 300 ms.

`pip install -e . soundfile` here, start `visavis serve`, then run: python samples/05_emotion_and_gaze.py [HOST:PORT]
The motion is written to emotion_and_gaze.npz: latents [k, 64], their names and their samples of the line.
"""

import math
import sys
from pathlib import Path

import numpy as np
import soundfile

import visavis

LINE = Path(__file__).parent / "lines" / "innkeeper.flac"
SCRIPT = [
    (0.5, "smiles", {"emotion": {"happy": 0.8}}),
    (2.5, "looks to its left", {"gaze": (0.4, 0.0), "emotion": {}}),
    (4.5, "is angry and comes closer", {"gaze": (0.0, 0.0), "emotion": {"angry": 0.9}, "distance": -0.2}),
]


def main(server: str = "127.0.0.1:8610") -> None:
    audio, rate_hz = soundfile.read(LINE, dtype="float32")
    motion: list[visavis.MotionFrame] = []
    with visavis.blocking.Client(server) as client, client.talk(sample_rate_hz=rate_hz, seed=5) as talk:
        line = talk.say(audio)
        for at_s, words, wishes in SCRIPT:
            talk.mark(line.id, round(at_s * rate_hz), words)
            talk.control(line=line.id, at_sample=round(at_s * rate_hz), **wishes)
        talk.end()
        for frame in talk:
            if isinstance(frame, visavis.Event):
                print(f"{frame.sample / 16_000:6.2f} s  {frame.kind.value} {frame.message}")
            elif isinstance(frame, visavis.MotionFrame):
                motion.append(frame)
                if len(motion) % 12 == 0:
                    smile = frame["mouthSmileLeft"] + frame["mouthSmileRight"]
                    frown = frame["browDownLeft"] + frame["browDownRight"]
                    yaw = math.degrees(frame["leftEyeYaw"] + frame["headYaw"])
                    jaw = "#" * round(40 * frame["jawOpen"])
                    time_s = frame.sample / 16_000
                    print(f"{time_s:6.2f} s  smile {smile:4.2f}  frown {frown:4.2f}  looks {yaw:+5.1f} deg  |{jaw:30}|")
    np.savez_compressed(
        "emotion_and_gaze.npz", names=visavis.NAMES, latents=[frame.latents for frame in motion],
        line_sample=[frame.line_sample for frame in motion],
    )  # fmt: skip
    print(f"emotion_and_gaze.npz: {len(motion)} frames. {talk.summary}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except visavis.VisavisError as error:
        sys.exit(str(error))
