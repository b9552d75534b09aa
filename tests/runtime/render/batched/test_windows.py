from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from visavis_runtime.render.batched import windows
from visavis_runtime.render.batched.windows import Box, colours_in, put_colours, windows_at

SIZE = 32
place = st.integers(-20, 50)


@given(low=st.tuples(place, place), extent=st.tuples(st.integers(0, 12), st.integers(0, 9)))
def test_a_window_lies_in_its_frame_and_wants_what_is_asked_for(low: tuple[int, int], extent: tuple[int, int]) -> None:
    begin = torch.tensor([low]).float()
    window = windows_at(begin, begin + torch.tensor([extent]), box=Box(9, 12), size=SIZE)
    assert window.pixel.min() >= 0
    assert window.pixel.max() < SIZE * SIZE
    assert len(set(window.pixel[0].tolist())) == 9 * 12
    columns, rows = ({v for v in range(low[k], low[k] + extent[k]) if 0 <= v < SIZE} for k in range(2))
    assert window.needed.tolist() == [[len(rows), len(columns)]]
    expected = (
        {row * SIZE + column for row in rows for column in columns} if min(len(rows), len(columns)) > 1 else set()
    )
    assert set(window.pixel[0][window.wanted.flatten()].tolist()) == expected
    assert (window.y * SIZE + window.x).flatten().tolist() == window.pixel[0].tolist()


def test_only_wanted_pixels_are_painted() -> None:
    frames = torch.randint(0, 256, (2, SIZE, SIZE, 4), dtype=torch.uint8)
    before = frames.clone()
    low = torch.tensor([[3.0, 4.0], [28.0, 29.0]])
    window = windows_at(low, low + torch.tensor([5.0, 3.0]), box=Box(6, 8), size=SIZE)
    seen = colours_in(frames, window)
    put_colours(frames, window, torch.full((2, 6, 8, 3), 300.0), seen=seen)
    assert (frames[..., 3] == before[..., 3]).all()
    assert (frames[0, 4:7, 3:8, :3] == 255).all()
    assert (frames[1, 29:, 28:, :3] == 255).all()
    frames[0, 4:7, 3:8], frames[1, 29:, 28:] = before[0, 4:7, 3:8], before[1, 29:, 28:]
    assert (frames == before).all()


def test_planes_are_read_as_they_are_written() -> None:
    planes = torch.zeros(2, 3, SIZE, SIZE)
    low = torch.tensor([[2.0, 9.0], [30.0, 30.0]])
    window = windows_at(low, low + 5, box=Box(5, 5), size=SIZE)
    values = torch.rand(2, 3, 5, 5)
    windows.write(planes, window, values)
    assert (windows.read(planes, window) == values).all()
    assert (planes[0, :, 9:14, 2:7] == values[0]).all()
    assert (planes[1, :, 27:, 27:] == values[1]).all()
