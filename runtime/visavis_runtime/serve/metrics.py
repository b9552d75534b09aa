"""Takes what happens to talks and engines, gives a page of counts that Prometheus reads.

One `Metrics` has a registry of its own, so that several servers may live in one process, and an HTTP server of its own
thread: it answers when the event loop is busy. Names are explained in docs/operations.md. The page is for loopback; any
other address needs TLS and an authority that signs the scrapers' certificates (a page has no tokens).
What it does not do: it watches nobody, whoever knows calls it (`gateway/watch.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server

from visavis.errors import InputError
from visavis_runtime.serve.config import ServerConfig, split_address
from visavis_runtime.serve.messages import Load
from visavis_runtime.serve.strain import Strain

FIRST_FRAME_MS = (40, 60, 80, 100, 120, 140, 170, 200, 250, 300, 400, 600, 1000)
STEP_MS = (0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 40)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
ENDED_WELL = "OK"


class Metrics:
    """The counts of one server."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.port = 0
        """Of the page, once it is there."""
        self._page: Any = None
        engine = ("engine",)

        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(f"visavis_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(f"visavis_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()) -> Histogram:
            return Histogram(f"visavis_{name}", text, labels, buckets=buckets, registry=registry)

        ProcessCollector(registry=registry)
        self._talks = gauge("talks", "Talks with a connection now")
        self._admitted = counter("talks_admitted", "Talks that got a slot, resumed ones included")
        self._resumed = counter("talks_resumed", "Talks that were taken up after a broken connection")
        self._refused = counter("talks_refused", "Talks and ACE clips that got no slot, by reason", ("reason",))
        self._barred = counter("calls_refused", "Calls of those who may not call, by reason", ("reason",))
        self._ended = counter("talks_ended", "Connections of talks that ended, by reason", ("reason",))
        self._clips = gauge("ace_clips", "ACE clips with a slot now")
        self._clips_ended = counter("ace_clips_ended", "ACE clips that had a slot and ended, by reason", ("reason",))
        self._clip_frames = counter("ace_frames_sent", "Frames sent to ACE clients")
        self._first_frame = histogram(
            "first_frame_ms", "First audio in to first frame that heard it out", FIRST_FRAME_MS
        )
        self._step = histogram("step_ms", "Median batched motion step of each talk that ended", STEP_MS)
        self._frames = counter("frames_sent", "Motion frames sent")
        self._pictures = counter("pictures_sent", "Pictures sent")
        self._dropped = counter("frames_dropped", "Frames and pictures dropped because a client reads too slowly")
        self._underruns = counter("underruns", "Lines whose audio came too late, of talks that ended")
        self._avatars = gauge("avatars", "Avatars in the folder")
        self._parked = gauge("talks_parked", "Talks whose connection broke and that can still be taken up")
        self._restarts = counter("engine_restarts", "Engines that died and were started again")
        self._strained = gauge("strained", "1 while the server is short of time: new talks are refused unless few talk")
        self._late = gauge(
            "gateway_late_ms", "How old what engines say is when the gateway hears it, last second's mean"
        )
        self._engine = {
            "talks": gauge("engine_talks", "Slots in use", engine),
            "picture_talks": gauge("engine_picture_talks", "Slots in use that draw pictures", engine),
            "capacity": gauge("engine_capacity", "Share of its time that may be planned", engine),
            "planned": gauge("engine_planned", "Share of its time that steps and talks are expected to need", engine),
            "busy": gauge("engine_busy", "Share of its time used in the last second", engine),
            "queued_s": gauge("engine_queued_seconds", "Audio that waits in all its talks", engine),
            "saturated": gauge(
                "engine_saturated", "1 while most of its time goes into ticks that are too long", engine
            ),
        }
        self._tick = gauge("engine_tick_ms", "Ticks of the last second that did work", (*engine, "quantile"))
        self._batch = histogram("engine_batch_size", "Talks in one motion step", BATCH_SIZES, engine)
        self._drawn = counter("engine_pictures", "Pictures drawn", engine)
        self._shed = counter("engine_pictures_dropped", "Pictures not drawn because the engine was full", engine)

    # --- talks

    def talk_admitted(self, *, resumed: bool = False) -> None:
        """A talk got a slot."""
        self._talks.inc()
        self._admitted.inc()
        if resumed:
            self._resumed.inc()

    def talk_refused(self, reason: str) -> None:
        """A talk, or an ACE clip, got none."""
        self._refused.labels(reason).inc()

    def call_refused(self, reason: str) -> None:
        """Somebody called who may not: no token, one that is unknown, has expired or does not allow this."""
        self._barred.labels(reason).inc()

    def talk_ended(self, reason: str = "", *, underruns: int = 0, step_ms: float = 0.0) -> None:
        """A talk lost its connection: "" for a good end; what its summary says, if there is one."""
        self._talks.dec()
        self._ended.labels(reason or ENDED_WELL).inc()
        self._underruns.inc(underruns)
        if step_ms > 0:
            self._step.observe(step_ms)

    def clip_began(self) -> None:
        """An ACE clip got a slot."""
        self._clips.inc()

    def clip_ended(self, reason: str = "", *, frames: int = 0) -> None:
        """An ACE clip that had a slot is over: "" for a good end."""
        self._clips.dec()
        self._clips_ended.labels(reason or ENDED_WELL).inc()
        self._clip_frames.inc(frames)

    def first_frame(self, after_ms: float) -> None:
        """The first frame that had heard the client's first audio went out so much later."""
        self._first_frame.observe(after_ms)

    def sent(self, *, frames: int = 0, pictures: int = 0, dropped: int = 0) -> None:
        """So much more went out, or did not."""
        self._frames.inc(frames)
        self._pictures.inc(pictures)
        self._dropped.inc(dropped)

    # --- the rest of the server

    def engine_load(self, load: Load, engine: int) -> None:
        """What an engine says about its last second; every Load once."""
        name = str(engine)
        for field, gauge in self._engine.items():
            gauge.labels(name).set(getattr(load, field))
        for quantile, value in zip(("0.5", "0.99"), load.tick_ms, strict=True):
            self._tick.labels(name, quantile).set(value)
        batch = self._batch.labels(name)
        for size, count in load.batches.items():
            for _ in range(count):
                batch.observe(size)
        self._drawn.labels(name).inc(load.pictures)
        self._shed.labels(name).inc(load.pictures_dropped)

    def engine_restarted(self) -> None:
        """An engine died."""
        self._restarts.inc()

    def watch_avatars(self, count: Callable[[], int]) -> None:
        """Ask `count` for the number of avatars whenever the page is read; it is called in another thread."""
        self._avatars.set_function(count)

    def watch_parked(self, count: Callable[[], int]) -> None:
        """Ask `count` for the number of parked talks whenever the page is read; in another thread."""
        self._parked.set_function(count)

    def watch_strain(self, strain: Strain) -> None:
        """Look at it whenever the page is read; in another thread."""
        self._strained.set_function(lambda: strain.strained)
        self._late.set_function(lambda: strain.late_s * 1e3)

    # --- the page

    def start(self, config: ServerConfig) -> None:
        """Serve the page on `config.metrics_listen`; "" serves none. Raises InputError METRICS_TAKEN."""
        if not config.metrics_listen:
            return
        host, port = split_address(config.metrics_listen)
        secured: dict[str, Any] = {}
        if config.tls_client_ca is not None:
            secured = {"certfile": str(config.tls_cert), "keyfile": str(config.tls_key)}
            secured |= {"client_cafile": str(config.tls_client_ca), "client_auth_required": True}
        try:
            self._page, _ = start_http_server(port, addr=host, registry=self.registry, **secured)
        except OSError as error:
            raise InputError(
                f"The metrics page cannot be served on {config.metrics_listen} ({error.strerror or error}): choose"
                ' another address with --metrics-listen, or "" for no page.',
                reason="METRICS_TAKEN",
            ) from error
        self.port = self._page.server_port

    def stop(self) -> None:
        """Serve it no more."""
        page, self._page = self._page, None  # at once: a second signal may ask for it while it stops
        if page is not None:
            page.shutdown()
            page.server_close()


def check_metrics_address(config: ServerConfig) -> None:
    """Raises InputError LISTEN_UNSAFE unless the page is for this machine alone, or scrapers show certificates."""
    if not config.metrics_listen:
        return
    host, _ = split_address(config.metrics_listen)
    if host in {"localhost", "::1"} or host.startswith("127.") or config.tls_client_ca is not None:
        return
    raise InputError(
        f"The metrics page on {config.metrics_listen} can be reached from other machines: that needs --tls-cert, "
        "--tls-key and --tls-client-ca, or a proxy of yours in front of 127.0.0.1.",
        reason="LISTEN_UNSAFE",
    )
