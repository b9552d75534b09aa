from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.face.layers.opening import opening_between, smooth_curve


def edges(height: float, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Two arcs of an almond 40 px wide, `height` px high, turned by `angle`."""
    x = np.linspace(-20, 20, 11)
    arc = height / 2 * (1 - (x / 20) ** 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    upper, lower = (np.stack([x, side * arc], axis=1) @ turn.T + 32 for side in (-1, 1))
    return upper.astype(np.float32), lower.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(height=st.floats(0, 20), angle=st.floats(-0.7, 0.7), soft=st.floats(0.5, 1.2))
def test_coverage_is_the_area(height: float, angle: float, soft: float) -> None:
    opening = opening_between(*edges(height, angle), origin=(0, 0), shape=(64, 64), soft_px=soft)
    area = 2 / 3 * 40 * height
    assert abs(opening.coverage.sum() - area) <= 0.1 * area + 1
    assert opening.coverage.min() >= 0
    assert opening.coverage.max() <= 1


def test_a_shut_opening_covers_nothing_and_opens_without_a_step() -> None:
    areas = [
        float(opening_between(*edges(h, 0.2), origin=(0, 0), shape=(64, 64)).coverage.sum())
        for h in np.linspace(0, 2, 41)
    ]
    assert areas[0] == 0
    steps = np.diff(areas)
    assert steps.max() < 1.6 * np.median(steps)


def test_crossed_edges_cover_nothing() -> None:
    upper, lower = edges(6, 0.0)
    assert opening_between(lower, upper, origin=(0, 0), shape=(64, 64)).coverage.max() == 0


def test_distances_square_to_steep_edges_are_those_of_a_circle() -> None:
    x = np.cos(np.linspace(np.pi, 0, 31)) * 20
    arc = np.sqrt(np.maximum(400 - x**2, 0))
    upper, lower = ((np.stack([x, side * arc], axis=1) + 32).astype(np.float32) for side in (-1, 1))
    opening = opening_between(upper, lower, origin=(0, 0), shape=(64, 64), evenly=1.0)
    row, column = np.mgrid[:64, :64]
    away = 20 - np.hypot(row - 32, column - 32)
    near = (np.abs(away) < 2) & (np.abs(column - 32) < 18)
    nearest = np.minimum(opening.below_upper, opening.above_lower)
    assert np.abs(nearest - away)[near].max() < 0.8
    plain = opening_between(upper, lower, origin=(0, 0), shape=(64, 64))
    assert np.abs(np.minimum(plain.below_upper, plain.above_lower) - away)[near].max() > 1.5


def test_a_smooth_curve_meets_its_points() -> None:
    points = np.random.default_rng(1).normal(size=(7, 2)).astype(np.float32)
    np.testing.assert_allclose(smooth_curve(points)[::5], points, atol=1e-6)
