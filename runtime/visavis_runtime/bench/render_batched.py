"""`visavis bench render --backend torch`: a portrait in, faces per second of whole batches out, and its split.

Every face of a batch is resident by itself, as many NPCs are, and speaks other frames of one fixed talk. Times are
medians over runs, of the wall clock with the GPU drained before and after, or of the one thread on a CPU. The split is
measured in runs of its own (never from a CUDA graph), since waiting for each step costs time. Pictures are left on the
device where they are not read back or compressed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.bench.render import talking_latents
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.render.batched.renderer import Resident, TorchRenderer

FRAMES_PER_S = 25
JPEG_QUALITY = 90
WARM_UPS, RUNS = 2, 7


def measure_batches(
    portrait: Path,
    *,
    device: str,
    size: int = 512,
    quality: str = "balanced",
    batches: Sequence[int] = (1, 4, 16, 64, 256),
    graphs: bool = False,
    runs: int = RUNS,
) -> dict[str, Any]:
    """Figures of the batched back end on one device.

    Returns what was measured, and `batches`: per size of batch `ms` (from latents to frames on the device),
    `ms_per_face`, `faces_per_s`, `faces_at_25_fps`, `split_ms`, `read_back_ms` (into fresh
    memory), `read_back_pinned_ms` (into memory that stays), `jpeg_ms`, `device_mb` (largest memory
    in use; 0 on a CPU).
    """
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    avatar = build_avatar(read_picture(portrait))
    renderer = TorchRenderer(device=device, size=size, quality=quality, graphs=graphs)
    faces = [renderer.load(avatar) for _ in range(max(batches))]
    encode, encoder = _encoder(renderer.device)
    rows = [_measure_batch(renderer, faces[:batch], runs=runs, encode=encode) for batch in batches]
    return {
        "portrait": portrait.name,
        "backend": "torch",
        "device": _device_name(renderer.device),
        "torch": torch.__version__,
        "size": size,
        "quality": quality,
        "graphs": graphs,
        "jpeg_by": encoder,
        "resident_mb_per_avatar": round(_resident_mb(renderer, avatar), 2),
        "batches": rows,
    }


def _measure_batch(
    renderer: TorchRenderer, faces: Sequence[Resident], *, runs: int, encode: Callable[[torch.Tensor], object]
) -> dict[str, Any]:
    """Figures of one size of batch."""
    device, batch = renderer.device, len(faces)
    latents = talking_latents(batch + 40 * (runs + WARM_UPS))
    for run in range(WARM_UPS):
        renderer.draw(faces, _frames_of(latents, run, batch))
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    times_s, frames = [], []
    for run in range(WARM_UPS, WARM_UPS + runs):
        start_s = _drained(device)
        frames = renderer.draw(faces, _frames_of(latents, run, batch))
        times_s.append(_drained(device) - start_s)
    ms = 1e3 * float(np.median(times_s))
    kept = torch.empty(frames[0].shape, dtype=torch.uint8, pin_memory=device.type == "cuda")
    splits = [_split_ms(renderer, faces, _frames_of(latents, run, batch)) for run in range(runs)]
    per_s = 1e3 * batch / ms
    return {
        "batch": batch,
        "ms": round(ms, 3),
        "ms_per_face": round(ms / batch, 3),
        "faces_per_s": round(per_s, 1),
        "faces_at_25_fps": int(per_s // FRAMES_PER_S),
        "split_ms": {name: round(float(np.median([split[name] for split in splits])), 3) for name in splits[0]},
        "read_back_ms": _median_ms(lambda: [part.cpu() for part in frames], device, runs),
        "read_back_pinned_ms": _median_ms(lambda: [_into(part, kept) for part in frames], device, runs),
        "jpeg_ms": _median_ms(lambda: [encode(part) for part in frames], device, runs),
        "device_mb": round(torch.cuda.max_memory_allocated(device) / 1e6, 1) if device.type == "cuda" else 0,
    }


def _frames_of(latents: npt.NDArray[np.float32], run: int, batch: int) -> npt.NDArray[np.float32]:
    """Latents [batch, 64] of one run: every face is somewhere else in the talk."""
    return latents[40 * run : 40 * run + batch]


def _split_ms(renderer: TorchRenderer, faces: Sequence[Resident], latents: npt.NDArray[np.float32]) -> dict[str, float]:
    """Time of each step of one batch, ms; the steps of its parts added up."""
    split: dict[str, float] = {}
    last_s = _drained(renderer.device)

    def done(step: str) -> None:
        nonlocal last_s
        now_s = _drained(renderer.device)
        split[step] = split.get(step, 0.0) + 1e3 * (now_s - last_s)
        last_s = now_s

    renderer.draw(faces, latents, done=done)
    return split


def _drained(device: torch.device) -> float:
    """The time once the device has nothing left to do, s; of this thread on a CPU, as other work runs beside it."""
    if device.type == "cpu":
        return time.thread_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()


def _median_ms(work: Callable[[], object], device: torch.device, runs: int) -> float:
    times_s = []
    for _ in range(runs):
        start_s = _drained(device)
        work()
        times_s.append(_drained(device) - start_s)
    return round(1e3 * float(np.median(times_s)), 3)


def _into(frames: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Copy frames off the device into memory that it can reach by itself."""
    return kept[: len(frames)].copy_(frames, non_blocking=True)


def _encoder(device: torch.device) -> tuple[Callable[[torch.Tensor], object], str]:
    """What compresses frames [B, S, S, 4] to JPEG here, and its name: nvJPEG with torchvision, else OpenCV on a CPU."""
    if device.type == "cuda" and find_spec("torchvision") is not None:
        from torchvision.io import encode_jpeg

        def on_device(frames: torch.Tensor) -> object:
            return encode_jpeg([frame[..., :3].permute(2, 0, 1).contiguous() for frame in frames], quality=JPEG_QUALITY)

        return on_device, "torchvision (nvJPEG)"

    def on_cpu(frames: torch.Tensor) -> object:
        how = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        pictures = frames.cpu().numpy()
        return [cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR), how) for picture in pictures]

    why = "" if device.type == "cpu" else "; torchvision, which brings nvJPEG, is not installed"
    return on_cpu, f"OpenCV, one thread, read-back included{why}"


def _resident_mb(renderer: TorchRenderer, avatar: Avatar) -> float:
    """Megabytes that one face takes on the device."""
    alone = TorchRenderer(device=str(renderer.device), size=renderer.size, quality=renderer.quality)
    face = alone.load(avatar)
    slots = next(iter(alone.resident.values())).shape[0]
    del face
    return sum(tensor.nbytes for tensor in alone.resident.values()) / slots / 1e6


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu, one thread"
