"""The server and the bridge of the engine tests: those of `visavis bench bridge`."""

from visavis_bridge.bench.stack import LiveStack, live_stack

__all__ = ["LiveStack", "live_stack"]
