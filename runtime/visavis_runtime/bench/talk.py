"""`visavis bench talk`: a server and its clients in processes of their own, real gRPC, voices in real time.

N talks of motion at 60 Hz and M talks of textures hear the sample lines without a pause; beside them probes measure how
soon a face answers a voice. Figures count from the end of the ramp. Two cores carry the server and the load, which the
figures say: `client_cpu` beside `server_cpu_gateway` and `server_cpu_engines`. docs/benchmarks/talk.md tells what each
figure is. What it does not do: it judges no picture and no lips (`bench face`, `bench lipsync`).
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.bench.talk_client import Client
from visavis_runtime.bench.talk_figures import (
    failures,
    lateness_ms,
    lost_frames,
    percentile,
    texture_fps,
    was_refused,
)  # fmt: skip
from visavis_runtime.bench.talk_load import PROBE_VOICE_S
from visavis_runtime.bench.talk_record import RATE_HZ, Plan, Record, TalkPlan
from visavis_runtime.bench.talk_server import BenchServer, Usage
from visavis_runtime.bench.talk_twin import first_frames_ms, trimmed

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
TALKS_PER_CLIENT = 100
PROBES_PER_S = 2.0
BEGIN_NS, CALM_NS, RAMP_NS_PER_TALK = 3_000_000_000, 1_500_000_000, 20_000_000


@dataclass(frozen=True)
class TalkLoad:
    """How much of what: talks, seconds after the ramp, milliseconds of sound in a chunk, and if streams are shared."""

    sessions: int = 100
    textures: int = 0
    seconds: float = 30.0
    chunk_ms: int = 40
    shared: bool = False


@contextmanager
def bench_server(*, textures: bool, address: str = "") -> Iterator[tuple[str, BenchServer | None, tuple[str, ...]]]:
    """Address, process (None: somebody else's) and avatars of the server to measure."""
    if address:
        yield address, None, tuple(path.stem for path in _portraits())
        return
    with TemporaryDirectory(prefix="visavis-bench-") as folder:
        names = save_avatars(Path(folder)) if textures else ()
        server = BenchServer(avatars=Path(folder))
        try:
            yield server.address, server, names
        finally:
            server.stop()


def measure_talks(
    load: TalkLoad, *, address: str, server: BenchServer | None, avatars: tuple[str, ...]
) -> dict[str, Any]:
    """Figures of one run. Raises UnavailableError BENCH_CLIENT."""
    begin_ns = time.monotonic_ns() + BEGIN_NS
    since_ns = begin_ns + (load.sessions + load.textures) * RAMP_NS_PER_TALK + CALM_NS
    until_ns = since_ns + int(load.seconds * 1e9)
    plans = _plans(load, address=address, avatars=avatars, window_ns=(begin_ns, since_ns, until_ns))
    clients = [Client(plan) for plan in plans]
    _sleep_until(since_ns)
    before, usage = [client.cpu_s() for client in clients], server.usage() if server else None
    _sleep_until(until_ns)
    after, used = [client.cpu_s() for client in clients], server.usage() if server else None
    average = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    records = [record for client in clients for record in client.records()]
    figures = _figures(records, load=load, since_ns=since_ns, until_ns=until_ns)
    figures |= _costs(usage, used, seconds=load.seconds, talks=figures["sessions"] + figures["texture_sessions"])
    client_s = sum(late - early for late, early in zip(after, before, strict=True))
    return figures | {
        "client_cpu": round(client_s / load.seconds, 3) if client_s else None, "chunk_ms": load.chunk_ms,
        "shared_streams": load.shared,
        "seconds": load.seconds, "load_average": average and round(average, 2), "machine": machine(),
    }  # fmt: skip


def sample_voices() -> tuple[bytes, ...]:
    """The sample lines, 16 kHz mono S16LE, each from its first loud sample on."""
    voices = []
    for path in sorted((SAMPLES / "lines").glob("*.flac")):
        samples = (read_audio(path).samples * 32767).astype("<i2")
        voices.append(trimmed(samples, length=samples.size).tobytes())
    return tuple(voices)


def save_avatars(folder: Path) -> tuple[str, ...]:
    """Build the sample portraits; gives their names."""
    from visavis_runtime.face.build import build_avatar
    from visavis_runtime.face.portrait.picture import read_picture

    for path in _portraits():
        build_avatar(read_picture(path)).save(folder / f"{path.stem}.visavis")
    return tuple(path.stem for path in _portraits())


def machine() -> str:
    """Processor and cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def _plans(
    load: TalkLoad, *, address: str, avatars: tuple[str, ...], window_ns: tuple[int, int, int]
) -> list[Plan]:  # fmt: skip
    """One plan for each client process: talks of motion, then probes and textures."""
    begin_ns, since_ns, until_ns = window_ns
    chunk = RATE_HZ * load.chunk_ms // 1000
    voices = sample_voices()
    opens = [begin_ns + i * RAMP_NS_PER_TALK for i in range(load.sessions + load.textures)]
    phases = np.random.default_rng(1).integers(0, load.chunk_ms * 1_000_000, len(opens)).tolist()
    talks = [
        TalkPlan(
            "motion" if i < load.sessions else "texture", seed=i, open_ns=opens[i], end_ns=until_ns, first_line=i,
            phase_ns=phases[i], avatar=avatars[i % len(avatars)] if i >= load.sessions else "",
        )
        for i in range(len(opens))
    ]  # fmt: skip
    motion, pictures = talks[: load.sessions], talks[load.sessions :]
    plans = [
        Plan(address, voices, chunk, tuple(motion[at : at + TALKS_PER_CLIENT]), load.shared)
        for at in range(0, len(motion), TALKS_PER_CLIENT)
    ]
    if pictures:
        plans.append(Plan(address, voices, chunk, tuple(pictures)))
    gap_ns = int(1e9 / PROBES_PER_S)
    short = tuple(voice[: 2 * int(PROBE_VOICE_S * RATE_HZ)] for voice in voices)
    probes = [
        TalkPlan("probe", seed=1000 + i, open_ns=open_ns, end_ns=until_ns + 2_000_000_000, first_line=i)
        for i, open_ns in enumerate(range(since_ns, until_ns - 1_500_000_000, gap_ns))
    ]
    return [*plans, Plan(address, short, chunk, tuple(probes))]


def _figures(records: list[Record], *, load: TalkLoad, since_ns: int, until_ns: int) -> dict[str, Any]:
    held = {kind: [one for one in records if one.plan.kind == kind and one.ready] for kind in ("motion", "texture")}
    motion, textures = held["motion"], held["texture"]
    late = _joined([lateness_ms(one, since_ns=since_ns) for one in motion])
    shown = _joined([lateness_ms(one, since_ns=since_ns) for one in textures])
    rates = [texture_fps(one, since_ns=since_ns, until_ns=until_ns) for one in textures]
    first = np.array(first_frames_ms([one for one in records if one.plan.kind == "probe"]))
    own = _joined([np.array(one.sent_late_ns) * 1e-6 for one in records])
    return {
        "sessions": len(motion),
        "lateness_p50_ms": percentile(late, 50),
        "lateness_p99_ms": percentile(late, 99),
        "first_frame_p50_ms": percentile(first, 50),
        "first_frame_p95_ms": percentile(first, 95),
        "lost_frames": sum(map(lost_frames, motion)),
        "texture_sessions": len(textures),
        "texture_fps": round(min(rates), 2) if rates else None,
        "texture_lateness_p99_ms": percentile(shown, 99),
        "frames": int(late.size),
        "lateness_max_ms": percentile(late, 100),
        "first_frame_from_send_p95_ms": percentile(first - load.chunk_ms, 95),
        "probes": int(first.size),
        "underruns": sum(one.underruns for one in motion),
        "refused": sum(map(was_refused, records)),
        "failed": failures(records),
        "latency_ms": round(max((one.latency_ms for one in motion), default=0.0), 1),
        "client_send_late_p99_ms": percentile(own, 99),
    }


def _costs(before: Usage | None, after: Usage | None, *, seconds: float, talks: int) -> dict[str, Any]:
    """Cores that the server used, in all and for each talk."""
    if before is None or after is None:
        return dict.fromkeys(("cpu_per_session", "server_cpu_gateway", "server_cpu_engines", "rss_mb"))
    gateway = (after.gateway_s - before.gateway_s) / seconds
    engines = (after.engines_s - before.engines_s) / seconds
    return {
        "cpu_per_session": round((gateway + engines) / talks, 5) if talks else None,
        "server_cpu_gateway": round(gateway, 3),
        "server_cpu_engines": round(engines, 3),
        "rss_mb": round(after.rss_mb, 1),
    }


def _joined(parts: list[Any]) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0)


def _portraits() -> list[Path]:
    return sorted((SAMPLES / "portraits").glob("*.png"))


def _sleep_until(when_ns: int) -> None:
    time.sleep(max(0.0, (when_ns - time.monotonic_ns()) * 1e-9))
