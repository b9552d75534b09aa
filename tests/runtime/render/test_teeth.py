from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.render.teeth import EDGE_CM, HALF_WIDTH_CM, HEIGHT_CM, TEXELS_PER_CM, tooth_row


def test_rows_are_shared_and_cannot_be_changed() -> None:
    row = tooth_row(upper=True)
    assert row is tooth_row(upper=True)
    with pytest.raises(ValueError, match="read-only"):
        row[0, 0, 0] = 1


@pytest.mark.parametrize("upper", [True, False])
def test_a_row_is_symmetric_and_ends_at_its_biting_edge(upper: bool) -> None:
    row = tooth_row(upper=upper) if upper else tooth_row(upper=False)[::-1]
    assert row.shape[:2] == (round(HEIGHT_CM * TEXELS_PER_CM), round(2 * HALF_WIDTH_CM * TEXELS_PER_CM))
    np.testing.assert_allclose(row, row[:, ::-1], atol=1e-4)
    edge = round((HEIGHT_CM - EDGE_CM) * TEXELS_PER_CM)
    middle = row[:, row.shape[1] // 2 - 8]
    assert middle[edge - 6, 3] > 0.95
    assert middle[edge + 3 :, 3].max() < 0.01


def test_teeth_differ_modestly() -> None:
    row = tooth_row(upper=True)
    line = row[round((HEIGHT_CM - EDGE_CM - 0.5) * TEXELS_PER_CM), :, 0]
    front = line[len(line) // 2 - 24 : len(line) // 2 + 24]
    assert 0.04 < front.max() - front.min() < 0.35
