"""Serves clients of NVIDIA's Audio2Face-3D: its two services under their own paths.

Generic handlers carry the paths, our messages carry the numbers, so no file of NVIDIA is needed and none clashes. Who
calls, what is no message and how errors become statuses is the gateway's way (`gateway/wire.py`), as for every call.
Health is the server's own. What it does not do: the older services with ids, which NVIDIA has removed as well.
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from visavis.ace.v1 import ace_pb2
from visavis.errors import UnavailableError, VisavisError
from visavis_runtime.serve.ace.configs import NAME, as_json, as_yaml, defaults
from visavis_runtime.serve.ace.limits import MESSAGE_BYTES
from visavis_runtime.serve.ace.names import CONFIG_METHOD, CONFIG_SERVICE, TALK_METHOD, TALK_SERVICE
from visavis_runtime.serve.ace.stream import AceStream
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.access import Access
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.gone import Gone
from visavis_runtime.serve.gateway.watch import Watch
from visavis_runtime.serve.gateway.wire import Requests, handler_of
from visavis_runtime.serve.link import EngineLink

PERMIT = "ace"
_DRAIN_RETRY_S = 5.0
_HEAR_OUT_S = 0.5
"""NVIDIA's sample client writes its whole clip, then reads; it prints no reason if the call ends under a write."""
_SYNTAXES = {
    ace_pb2.ConfigsTypeRequest.CONFIG_TYPE_YAML: (as_yaml, "yaml"),
    ace_pb2.ConfigsTypeRequest.CONFIG_TYPE_JSON: (as_json, "json"),
}


class AceService:
    """All ACE streams of one server."""

    def __init__(self, config: ServerConfig, *, link: EngineLink, watch: Watch) -> None:
        self._config, self._link, self._watch = config, link, watch
        self._streams: set[AceStream] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._draining = False

    async def drain(self, *, within_s: float) -> None:
        """Take no new stream, and wait for the clips under way, at most so long."""
        self._draining = True
        try:
            await asyncio.wait_for(self._empty.wait(), within_s)
        except asyncio.TimeoutError:
            return

    async def process(self, requests: Requests, context: Any, caller: Caller) -> None:
        """ProcessAudioStream."""
        number = id(context)
        try:
            if self._draining:
                raise _draining()
            longest_s = min(self._config.talk_s, caller.begin_talk(number))
        except VisavisError as error:
            self._watch.refused(error.reason)
            raise
        stream = AceStream(
            requests, context.write, link=self._link, config=self._config, longest_s=longest_s,
            on_begun=self._watch.clip_began,
        )  # fmt: skip
        self._streams.add(stream)
        self._empty.clear()
        try:
            await self._run(stream, caller=caller)
        finally:
            caller.end_talk(number)
            self._streams.discard(stream)
            if not self._streams:
                self._empty.set()

    async def _run(self, stream: AceStream, *, caller: Caller) -> None:
        """One clip, counted: as refused when it never got a slot."""
        reason = "BROKEN"
        try:
            await stream.run()
            reason = ""
        except Gone:
            pass
        except VisavisError as error:
            reason = error.reason
            if stream.talk is None:
                self._watch.refused(reason)
            raise
        except Exception:
            reason = "BUG"
            raise
        finally:
            if stream.talk is not None:
                self._watch.clip_ended(reason, number=stream.talk, caller=caller.name, frames=stream.frames)

    async def get_configs(self, request: ace_pb2.ConfigsTypeRequest, context: Any, _caller: Caller) -> None:
        """GetConfigs."""
        as_text, suffix = _SYNTAXES.get(request.config_type, _SYNTAXES[ace_pb2.ConfigsTypeRequest.CONFIG_TYPE_YAML])
        content = as_text(defaults(self._config))
        await context.write(ace_pb2.A2XConfig(name=f"{NAME}.{suffix}", content=content))


def add_ace_service(server: Any, service: AceService, *, access: Access) -> list[str]:
    """Serve `service` on every port of `server`, before its start; gives the names of the services for health."""
    audio = (TALK_METHOD, service.process, ace_pb2.AudioStream, ace_pb2.AnimationDataStream, (True, True))
    configs = (CONFIG_METHOD, service.get_configs, ace_pb2.ConfigsTypeRequest, ace_pb2.A2XConfig, (False, True))
    for name, (method, call, request, response, streams) in ((TALK_SERVICE, audio), (CONFIG_SERVICE, configs)):
        handler = handler_of(
            call, request=request, response=response, streams=streams, access=access, permit=PERMIT,
            message_bytes=MESSAGE_BYTES, hear_out_s=_HEAR_OUT_S,
        )  # fmt: skip
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {method: handler}),))
    return [TALK_SERVICE, CONFIG_SERVICE]


def _draining() -> UnavailableError:
    return UnavailableError(
        "This server is about to stop and takes no new clips: try another one, or again in a moment.",
        reason="DRAINING",
        retry_s=_DRAIN_RETRY_S,
    )
