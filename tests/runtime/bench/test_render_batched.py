from __future__ import annotations

from pathlib import Path

from visavis_runtime.bench.render_batched import measure_batches


def test_every_batch_has_its_figures(root: Path) -> None:
    portrait = root / "samples" / "portraits" / "android.png"
    figures = measure_batches(portrait, device="cpu", size=128, quality="fast", batches=(1, 3), runs=1)
    assert figures["device"] == "cpu, one thread"
    assert 0.3 < figures["resident_mb_per_avatar"] < 5
    assert [row["batch"] for row in figures["batches"]] == [1, 3]
    for row in figures["batches"]:
        assert list(row["split_ms"]) == ["drives", "geometry", "raster", "colour", "mouth", "eyes"]
        assert row["faces_at_25_fps"] == row["faces_per_s"] // 25
        assert row["ms"] > 0
        assert row["jpeg_ms"] > 0
