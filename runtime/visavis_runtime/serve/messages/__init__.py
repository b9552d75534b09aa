"""What the gateway and an engine say to each other: plain values, in order, one talk a number.

The gateway (`gateway/`) speaks gRPC with clients and knows no motion; an engine (`engine/`) steps many talks at once
and knows no transport. They may live in one process or two (`link.py`), so everything here is data that can be sent.
`Feed` and `Frames`, of which there are thousands a second, are tuples of bytes and numbers: arrays in dataclasses cost
six times as much on the way.
Sample indices count 16 kHz samples; times are nanoseconds of `time.monotonic_ns`. What it does not do: no protobuf
(`gateway/requests.py` and `gateway/responses.py` translate), no decisions.
"""

from __future__ import annotations

from visavis_runtime.serve.messages.commands import (
    Close,
    Command,
    EndLine,
    Feed,
    Finish,
    Interrupt,
    Mark,
    Open,
    Park,
    PictureSpec,
    PicturesWanted,
    Read,
    Shed,
    Signal,
    Steer,
    TalkSpec,
)  # fmt: skip
from visavis_runtime.serve.messages.reports import (
    Closed,
    Eaten,
    Echo,
    Frames,
    Load,
    Notice,
    Opened,
    Parked,
    Picture,
    Refused,
    Report,
    Said,
)  # fmt: skip

__all__ = [
    "Close", "Closed", "Command", "Eaten", "Echo", "EndLine", "Feed", "Finish", "Frames", "Interrupt", "Load",
    "Mark", "Notice", "Open", "Opened", "Park", "Parked", "Picture", "PictureSpec", "PicturesWanted", "Read",
    "Refused", "Report", "Said", "Shed", "Signal", "Steer", "TalkSpec",
]  # fmt: skip
