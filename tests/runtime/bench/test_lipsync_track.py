from __future__ import annotations

from visavis_runtime.bench.lipsync_track import jaw_of_speech, track_of_segments, track_of_speech
from visavis_runtime.bench.motion import toy_voice
from visavis_runtime.motion.phones import VISEMES, Segment
from visavis_runtime.motion.speech import load_speech


def test_phones_make_a_mouth() -> None:
    said = (Segment("M", 0.0, 0.1), Segment("AA", 0.1, 0.4), Segment("F", 0.4, 0.5), Segment("IY", 0.5, 0.7))
    track = track_of_segments(said, frames=70)
    assert track.aperture[5] < 0.15 * track.aperture[25]
    assert track.bite[45]
    assert not track.bite[25]
    assert track.visemes is not None
    assert [VISEMES[v] for v in track.visemes[[5, 25, 45, 60]]] == ["PP", "aa", "FF", "ih"]


def test_a_voice_has_a_frame_for_every_hundredth() -> None:
    voice = toy_voice(duration_s=1.234)
    track = track_of_speech(load_speech(), samples=voice)
    frames = -(-len(voice) // 160)
    for part in (track.aperture, track.width, track.bite, track.visemes):
        assert part is not None
        assert part.shape == (frames,)
    assert jaw_of_speech(load_speech(), samples=voice).shape == (frames,)
