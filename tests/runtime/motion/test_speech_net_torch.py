"""The torch network against onnxruntime. On a machine with a GPU every test runs there too, with its CUDA graphs."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import DamageError, InputError
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.speech_net import MODEL, load_speech_net
from visavis_runtime.motion.speech_net_torch import filled
from visavis_runtime.motion.streams import alone
from visavis_runtime.motion.talker import Talker

CUDA = pytest.param(
    "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU and torch for it")
)


@pytest.fixture(scope="module", params=["cpu", CUDA])
def speech(request):
    speech = load_speech(device=request.param, backend="torch")
    speech.net.network.prepare(16)
    return speech


@pytest.fixture(scope="module")
def onnx():
    return load_speech_net()


@pytest.fixture(scope="module")
def line(root):
    return read_audio(root / "samples" / "lines" / "guard.flac").samples


def _features(streams=1, frames=60, seed=0):
    return np.random.default_rng(seed).normal(0, 0.8, (streams, frames, 64)).astype(np.float32)


@settings(max_examples=25)
@given(streams=st.integers(1, 9), steps=st.lists(st.integers(0, 12), min_size=1, max_size=6), head=st.integers(0, 2))
def test_it_answers_what_onnxruntime_answers(speech, onnx, streams, steps, head):
    ours, theirs = speech.net.start(streams=streams), onnx.start(streams=streams)
    for number, count in enumerate(steps):
        features = _features(streams, 2 * count, seed=number)
        said, ours = speech.net.step(features, head=head, state=ours)
        wanted, theirs = onnx.step(features, head=head, state=theirs)
        for one, other in zip(said, wanted, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(np.asarray(one.cpu() if hasattr(one, "cpu") else one), other, atol=1e-4)


def test_the_filling_of_a_batch_changes_nothing(speech):
    features = _features(streams=16, frames=4)
    whole, _ = speech.net.step(features, head=1, state=speech.net.start(streams=16))
    for count in (1, 3, 5, 8, 13):
        said, state = speech.net.step(features[:count], head=1, state=speech.net.start(streams=count))
        assert state.context.shape == (count, 60, 152)
        for one, other in zip(said, whole, strict=True):
            np.testing.assert_allclose(one, other[:count], atol=1e-5)


def test_a_state_is_a_value(speech):
    """A talk can be replayed from any state, whatever ran in between."""
    _, state = speech.net.step(_features(frames=4), head=1, state=speech.net.start())
    first, _ = speech.net.step(_features(frames=4, seed=1), head=1, state=state)
    speech.net.step(_features(frames=4, seed=2), head=1, state=state)
    again, _ = speech.net.step(_features(frames=4, seed=1), head=1, state=state)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_step_reads_nothing_back():
    """Only so can it be recorded as a CUDA graph; torch's meta device has no values to read."""
    network = load_speech_net(backend="torch").network
    network._weights = {name: value.to("meta") for name, value in network._weights.items()}
    inputs = (torch.zeros(*shape, device="meta") for shape in ((8, 4, 64), (8, 2, 128), (8, 60, 152)))
    said, entry, context = network._pass(*inputs)
    assert (said.shape, entry.shape, context.shape) == ((8, 3, 4, 51), (8, 2, 128), (8, 60, 152))


def test_sizes_of_batches_are_powers_of_two():
    assert [filled(count) for count in (1, 2, 3, 64, 65, 1000)] == [1, 2, 4, 64, 128, 1024]


def test_talks_that_come_and_go_are_those_of_the_cpu(speech, line):
    """Three talks on one line: one begins late, one hears other chunks for a while; then all are finished."""
    ours, theirs = _talks(Talker(speech, fps=60), line), _talks(Talker(load_speech(), fps=60), line)
    for one, other in zip(ours, theirs, strict=True):
        assert len(one) == len(other) > 100
        np.testing.assert_allclose(one, other, atol=1e-4)


def _talks(talker, line):
    states = [talker.start(seed=seed) for seed in range(3)]
    given = [[] for _ in states]
    for at in range(0, len(line), 640):
        chunk = line[at : at + 640]
        live = [talk for talk in range(3) if talk != 1 or at >= 3200]
        cuts = {0: [640], 1: [640], 2: [320, 640] if at < 6400 else [640]}
        for part in range(2):
            now = [talk for talk in live if part < len(cuts[talk])]
            heard = [chunk[(cuts[talk][part - 1] if part else 0) : cuts[talk][part]] for talk in now]
            results = talker.step_many(heard, [Controls()] * len(now), [states[talk] for talk in now])
            for talk, (latents, state) in zip(now, results, strict=True):
                given[talk].append(latents)
                states[talk] = state
    ends = [talker.finish(Controls(), state)[0] for state in states]
    return [np.concatenate([*parts, end]) for parts, end in zip(given, ends, strict=True)]


def test_talks_that_stay_together_copy_no_memory(speech, line):
    states = [speech.start() for _ in range(3)]
    for at in range(0, 3200, 640):
        states = [state for _, state in speech.step_many([line[at : at + 640]] * 3, states)]
        assert len({id(state.batch) for state in states}) == 1
    context = states[0].batch.net.context
    assert isinstance(context, torch.Tensor)
    assert context.device.type == speech.net.network.device.type


def test_a_parked_stream_goes_on_wherever_it_is_taken(speech, line):
    """From torch to onnxruntime, back, and beside a stream that never left."""
    states = [state for _, state in speech.step_many([line[:8000], line[4000:12000]], [speech.start()] * 2)]
    parked = pickle.loads(pickle.dumps(alone(states[1])))
    assert isinstance(parked.batch.net.context, np.ndarray)
    elsewhere = load_speech()
    mouth, moved = elsewhere.step(line[12000:12640], parked)
    for _ in range(2):
        both = speech.step_many([line[12000:12640], line[12000:12640]], [states[1], parked])
        for one, _ in both:
            np.testing.assert_allclose(one.curves, mouth.curves, atol=1e-4)
        states[1], parked = (state for _, state in both)
        line = line[640:]
        mouth, moved = elsewhere.step(line[12000:12640], moved)


def test_another_quality_is_the_same_network(speech):
    best = speech.at("best")
    assert best.net is speech.net
    assert best.lookahead_s == pytest.approx(0.12)


def test_damaged_weights_are_refused_before_they_are_parsed(tmp_path):
    content = bytearray(MODEL.with_suffix(".safetensors").read_bytes())
    content[-1000] ^= 1
    path = tmp_path / "speech.onnx"
    path.with_suffix(".safetensors").write_bytes(content)
    path.with_suffix(".json").write_text(MODEL.with_suffix(".json").read_text())
    with pytest.raises(DamageError, match=r"speech\.safetensors .* SHA-256"):
        load_speech_net(path, backend="torch")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: nothing to refuse")
def test_no_gpu_is_said_so():
    with pytest.raises(InputError) as caught:
        load_speech(device="cuda")
    assert caught.value.reason == "DEVICE_UNAVAILABLE"


def test_torch_is_not_loaded_on_a_cpu():
    script = (
        "import sys; from visavis_runtime.motion.speech import load_speech;"
        "load_speech(); import visavis_runtime.serve.engine.slots; print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
