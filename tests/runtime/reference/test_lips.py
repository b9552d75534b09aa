import numpy as np
import pytest
import soundfile
from scipy.signal import butter, sosfilt

from visavis.errors import DamageError, InputError
from visavis_runtime.reference.lips import held_out_names, read_lips, read_sound


@pytest.fixture
def folder(tmp_path):
    """Two clips of five pictures; one picture of the second was not seen."""
    points = np.random.default_rng(0).normal(size=(2, 5, 62, 3)).astype(np.float16)
    aperture = np.full((2, 5), 0.1, np.float16)
    aperture[1, 2] = np.nan
    np.savez(
        tmp_path / "lips.npz",
        index=np.arange(62, dtype=np.int32),
        clip=np.array(["zz1a2b", "aa1a2b"]),
        t=np.tile(np.arange(5, dtype=np.float32) * 0.04, (2, 1)),
        points=points,
        aperture=aperture,
        width=np.full((2, 5), 0.6, np.float16),
    )
    (tmp_path / "words.csv").write_text(
        "clip,start_s,end_s,word\naa1a2b,0,0.7,sil\naa1a2b,0.7,0.9,bin\naa1a2b,0.9,1.1,blue\n", "utf-8"
    )
    (tmp_path / "audio").mkdir()
    soundfile.write(tmp_path / "audio" / "aa1a2b.flac", np.zeros(3200, np.float32), 16000)
    return tmp_path


def test_clips_come_in_order(folder):
    first, second = read_lips(folder).clips
    assert (first.name, second.name) == ("aa1a2b", "zz1a2b")
    np.testing.assert_allclose(first.t_s, np.arange(5) * 0.04, atol=1e-6)
    assert first.transcript == "bin blue"
    assert second.transcript == ""


def test_what_was_not_seen_is_nan_in_every_track(folder):
    first, second = read_lips(folder).clips
    assert first.seen.tolist() == [True, True, False, True, True]
    assert np.isnan(first.points[2]).all()
    assert np.isnan(first.width[2])
    assert second.seen.all()


def test_the_sound_is_read(folder):
    assert read_sound(read_lips(folder).clips[0]).shape == (3200,)


def test_a_wrong_rate_is_told(folder):
    soundfile.write(folder / "audio" / "aa1a2b.flac", np.zeros(3200, np.float32), 8000)
    with pytest.raises(DamageError, match="8000 Hz"):
        read_sound(read_lips(folder).clips[0])


def test_a_missing_file_is_named(folder):
    (folder / "words.csv").unlink()
    with pytest.raises(InputError, match=r"words\.csv"):
        read_lips(folder)


def test_a_damaged_file_is_told(folder):
    np.savez(folder / "lips.npz", clip=np.array(["a"]))
    with pytest.raises(DamageError, match="damaged"):
        read_lips(folder)


def test_the_held_out_rule():
    names = [f"c{i:04d}" for i in range(999)]
    kept_out = held_out_names(names[::-1])
    assert len(kept_out) == 100
    assert {"c0003", "c0013", "c0993"} <= kept_out
    assert "c0000" not in kept_out


def test_the_shared_lips(material):
    lips = read_lips(material / "lips_grid_s1")
    assert len(lips.clips) == 999
    assert (len(lips.fit), len(lips.held_out)) == (899, 100)
    assert {clip.name for clip in lips.fit}.isdisjoint(clip.name for clip in lips.held_out)
    clip = lips.held_out[0]
    assert len(clip.transcript.split()) == 6
    assert 0.0 <= np.nanmin(clip.aperture) < np.nanmax(clip.aperture) < 0.3


def test_lips_part_when_the_burst_is_heard(material):
    """Sound and pictures of the shared lips run together: nothing is to be shifted."""
    high = butter(4, 1000, "highpass", fs=16000, output="sos")
    lags_s = []
    for clip in read_lips(material / "lips_grid_s1").clips[:60]:
        opens = _opening_s(clip, near_s=clip.words[1].start_s + 0.05)
        if clip.words[1].text != "bin" or opens is None:
            continue
        voice = sosfilt(high, read_sound(clip))[: 160 * 290].reshape(-1, 160)
        level_db = 10 * np.log10((voice**2).mean(axis=1) + 1e-9)
        around = level_db[round(opens * 100) - 15 : round(opens * 100) + 16]
        lags_s.append((np.diff(around).argmax() - 14.5) / 100)
    assert len(lags_s) > 20
    assert abs(np.median(lags_s)) <= 0.03


def _opening_s(clip, *, near_s):
    """Time at which shut lips part, within 0.25 s of `near_s`, if they do so once."""
    near = np.flatnonzero(np.abs(clip.t_s - near_s) < 0.25)
    parts = [i for i in near[:-1] if clip.aperture[i] < 0.012 and clip.aperture[i + 1] > 0.02]
    return (clip.t_s[parts[0]] + clip.t_s[parts[0] + 1]) / 2 if len(parts) == 1 else None
