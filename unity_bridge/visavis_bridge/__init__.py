"""The bridge: one relay between a Visavis server (gRPC, near or far) and the engines of this machine.

`visavis bridge` runs it. Engines speak ZMTP over TCP or WebSocket to it, see WIRE.md beside this package.
"""
