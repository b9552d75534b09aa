"""States of streams joined and taken apart, and many voices stepped in one call."""

from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.streams import Stream, alone, groups, join, part


class Inner(NamedTuple):
    sums: np.ndarray
    phase: int


class Outer(NamedTuple):
    tail: np.ndarray
    inner: Inner


def _stream(value, *, length=2, phase=0):
    return Stream(Outer(np.full((1, length), float(value)), Inner(np.full((1, 3), float(value)), phase)), 0)


def test_joined_states_come_apart_again():
    whole = join([_stream(value) for value in range(4)])
    assert whole.tail.shape == (4, 2)
    assert whole.inner.sums.shape == (4, 3)
    for value, stream in enumerate(part(whole)):
        again = join([stream])
        np.testing.assert_array_equal(again.tail, [[value, value]])
        np.testing.assert_array_equal(again.inner.sums, [[value, value, value]])
        assert again.inner.phase == 0


def test_streams_that_stay_together_copy_nothing():
    whole = join([_stream(value) for value in range(3)])
    assert join(part(whole)) is whole
    assert join(part(whole)[:2]) is not whole


@given(st.lists(st.integers(0, 6), min_size=1, max_size=9))
def test_any_streams_of_any_batches_are_joined_in_their_order(chosen):
    streams = [*part(join([_stream(value) for value in range(4)])), *part(join([_stream(4), _stream(5)])), _stream(6)]
    whole = join([streams[number] for number in chosen])
    np.testing.assert_array_equal(whole.tail[:, 0], chosen)
    np.testing.assert_array_equal(whole.inner.sums[:, 2], chosen)


def test_tensors_are_joined_where_they_are_and_parked_as_arrays():
    streams = [Stream(Outer(torch.full((1, 2), value), Inner(np.full((1, 3), value), 0)), 0) for value in (1.0, 2.0)]
    assert groups([*streams, _stream(3)], keys=[0] * 3) == [[0, 1], [2]]  # arrays and tensors are kept apart
    whole = join(part(join(streams))[::-1])
    assert isinstance(whole.tail, torch.Tensor)
    assert whole.tail[:, 0].tolist() == [2.0, 1.0]
    parked = alone(streams[1]).batch
    assert isinstance(parked.tail, np.ndarray)
    assert parked.tail.tolist() == [[2.0, 2.0]]


def test_states_of_different_phase_are_kept_apart():
    streams = [_stream(0), _stream(1, length=1), _stream(2), _stream(3, phase=1), _stream(4, length=1)]
    assert [sorted(group) for group in groups(streams, keys=[0] * 5)] == [[0, 2], [1, 4], [3]]
    assert [sorted(group) for group in groups(streams, keys=[0, 0, 1, 0, 0])] == [[0], [1, 4], [2], [3]]


def test_members_of_a_batch_come_in_its_order():
    streams = part(join([_stream(value) for value in range(3)]))[::-1]
    assert groups(streams, keys=[0] * 3) == [[2, 1, 0]]


@pytest.fixture(scope="module")
def speech():
    return load_speech()


@pytest.fixture(scope="module")
def voices():
    """Six toy voices of 3 s: noise in syllables, each at a level of its own."""
    random = np.random.default_rng(5)
    times_s = np.arange(48_000) / 16_000
    noise = np.cumsum(random.normal(0, 1, (6, 48_000)), axis=1)
    noise -= np.roll(noise, 40, axis=1)
    syllables = 1.0 + np.sin(2 * np.pi * (3.0 + np.arange(6)[:, None]) * times_s)
    levels = 10 ** (np.arange(-5, 1)[:, None] / 2.0)
    return (noise * syllables * levels * 0.01).astype(np.float32)


@settings(max_examples=10)
@given(heard=st.lists(st.integers(0, 4000), min_size=6, max_size=6), chunk=st.sampled_from([0, 100, 320, 640, 1601]))
def test_a_batch_gives_what_each_stream_gives_alone(speech, voices, heard, chunk):
    states = [speech.step(voices[i, :n], speech.start())[1] for i, n in enumerate(heard)]
    alone = list(states)
    for step in range(4):
        starts = [n + step * chunk for n in heard]
        samples = np.stack([voice[at : at + chunk] for voice, at in zip(voices, starts, strict=True)])
        together = speech.step_many(samples, states)
        states = [state for _, state in together]
        for i, (mouth, _) in enumerate(together):
            expected, alone[i] = speech.step(samples[i], alone[i])
            for ours, theirs in zip(mouth, expected, strict=True):
                np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_streams_that_began_together_share_every_call(speech, voices):
    states = [speech.start() for _ in voices]
    for at in range(0, 6400, 640):
        states = [state for _, state in speech.step_many(voices[:, at : at + 640], states)]
        assert len({id(state.batch) for state in states}) == 1
    mouth, _ = speech.finish(states[2])
    alone, _ = speech.step(voices[2, :6400], speech.start())
    assert len(alone.speaking) + len(mouth.speaking) == 40


def test_no_streams_give_nothing(speech):
    assert speech.step_many(np.zeros((0, 640), np.float32), []) == []
