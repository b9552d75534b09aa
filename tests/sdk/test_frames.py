"""Values of a talk: named latents, pixels, and what a picture says that it cannot do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import visavis
from visavis.errors import InputError
from visavis.frames import EventKind, MotionFrame, TextureFrame
from visavis.v1 import talk_pb2


def test_latents_have_names() -> None:
    frame = MotionFrame(0, np.arange(64, dtype=np.float32))
    assert [frame[name] for name in visavis.NAMES] == list(range(64))
    with pytest.raises(KeyError):
        frame["jaw"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.sample = 1  # type: ignore[misc]


def test_a_picture_gives_its_pixels() -> None:
    picture = TextureFrame(0, bytes(range(24)), format="rgba", width_px=3, height_px=2)
    assert picture.rgba().shape == (2, 3, 4)
    assert not picture.rgba().flags.writeable
    with pytest.raises(InputError) as raised:
        TextureFrame(0, b"", format="rgba", width_px=3, height_px=2).rgba()
    assert raised.value.reason == "TEXTURE_SIZE"


def test_every_event_of_the_wire_has_a_kind() -> None:
    wire = {name.removeprefix("EVENT_TYPE_") for name in dict(talk_pb2.EventType.items())} - {"UNSPECIFIED"}
    assert wire == {kind.value for kind in EventKind} - {"RESTARTED", "UNKNOWN"}
