"""`python -m visavis_runtime.training --out DIR`: from nothing to a speech network.

Makes the speech (kept in DIR/data and used again), trains, writes speech.onnx, speech_engine.onnx, speech.safetensors
and speech.json into DIR and figures.json with the scores on held-out voices. `--material DIR` adds real speech whose
licence allows it to the training and scores recordings of readers that were not trained on; without it the network
learns from synthesised speech alone, and says so. `--resume` goes on from the checkpoint of a run that was cut short.
`--export-only` exports and scores the checkpoint that is there, also while a run is going on.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import torch

from visavis.errors import InputError
from visavis_runtime.motion.speech_net import load_speech_net
from visavis_runtime.training.augment import Part
from visavis_runtime.training.evaluate import score, strangers
from visavis_runtime.training.export import export, parity
from visavis_runtime.training.export_engine import export_engine
from visavis_runtime.training.labels import Corpus, corpus_of_utterances, joined, load_corpus
from visavis_runtime.training.network import DELAYS, STEP_FRAMES
from visavis_runtime.training.real import make_real
from visavis_runtime.training.synthesise import Kinds, make_corpus, make_held_out
from visavis_runtime.training.train import Plan, load_network, readers_heard, steps_done, train

_LOG = logging.getLogger(__name__)
_CHECKPOINT = "network.safetensors"
_SHARES = {"espeak": 0.34, "flite": 0.30}
_REAL_SHARE = 0.36


def main(arguments: list[str] | None = None) -> None:
    """Run the whole training."""
    options = _parser().parse_args(arguments)
    _check(options)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    held_out = make_held_out(options.out / "data", minutes=options.held_out_minutes, seed=options.seed)
    if not options.export_only:
        _train(options)
    if options.material:
        held_out["strangers"] = corpus_of_utterances(strangers(options.material))
    figures = export_and_score(options.out, held_out=held_out)
    _LOG.info("figures %s", json.dumps(figures))


def _check(options: argparse.Namespace) -> None:
    """Say what is wrong before the hours of work, not after them."""
    for name in ("steps", "rows", "threads"):
        if getattr(options, name) < 1:
            raise InputError(f"--{name} is {getattr(options, name)}; at least 1 is needed.", reason="OPTION_VALUE")
    if options.seed < 0:
        raise InputError(f"--seed is {options.seed}; 0 or more is needed.", reason="OPTION_VALUE")
    if options.material and not (options.material / "MANIFEST.csv").is_file():
        raise InputError(
            f"{options.material} has no MANIFEST.csv; name the folder of shared material or leave --material away.",
            reason="MATERIAL_MISSING",
        )
    if (options.resume or options.export_only) and not (options.out / _CHECKPOINT).is_file():
        raise InputError(f"{options.out} holds no {_CHECKPOINT} to go on from.", reason="FILE_NOT_FOUND")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {options.out} cannot be made ({error}).", reason="FOLDER_NOT_WRITABLE") from error


def _train(options: argparse.Namespace) -> None:
    checkpoint = options.out / _CHECKPOINT
    kinds = Kinds(espeak=options.espeak_hours, flite=options.flite_hours, sounds=options.sound_hours)
    shards = make_corpus(options.out / "data", kinds=kinds, seed=options.seed)
    speech = [Part(_load(shards, kind=kind), share) for kind, share in _SHARES.items()]
    readers: tuple[str, ...] = ()
    if options.material:
        shards = make_real(options.out / "data", material=options.material, seed=options.seed)
        real = joined([load_corpus(path) for path in shards])
        readers = tuple(sorted({voice for voices in real.voices.tolist() for voice in voices.split("+")}))
        speech.append(Part(real, _REAL_SHARE))
    else:
        _LOG.info("no --material: training on synthesised speech alone")
    done = steps_done(checkpoint) if options.resume else 0
    plan = Plan(steps=options.steps, seed=options.seed, rows=options.rows, done=done, readers=readers)
    train(speech=speech, sounds=_load(shards, kind="sounds"), plan=plan, checkpoint=checkpoint)


def export_and_score(folder: Path, *, held_out: dict[str, Corpus]) -> dict[str, object]:
    """Export the checkpoint in `folder` and write its scores to figures.json there."""
    network = load_network(folder / _CHECKPOINT)
    figures: dict[str, object] = dict(export(network, folder=folder, readers=readers_heard(folder / _CHECKPOINT)))
    figures["parity"] = parity(network, folder=folder)
    export_engine(folder=folder)
    net = load_speech_net(folder / "speech.onnx")
    for kind, corpus in held_out.items():
        for head, delay in enumerate(DELAYS):
            scores = score(net, head=head, corpus=corpus)._asdict()
            figures[f"{kind} {10 * (delay + STEP_FRAMES)} ms"] = {
                name: round(value, 4) for name, value in scores.items()
            }
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return figures


def _load(shards: list[Path], *, kind: str) -> Corpus:
    return joined([load_corpus(path) for path in shards if path.name.startswith(f"{kind}-")])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m visavis_runtime.training", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for data, checkpoint and results")
    parser.add_argument("--steps", type=int, default=11_000, help="the shipped network had %(default)s")
    parser.add_argument("--rows", type=int, default=16, help="crops of 4 s in a step")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--material", type=Path, default=None, help="folder of real speech (see MODEL_CARD.md)")
    parser.add_argument("--espeak-hours", type=float, default=12.0)
    parser.add_argument("--flite-hours", type=float, default=7.0)
    parser.add_argument("--sound-hours", type=float, default=2.0, help="music, noise and knocks")
    parser.add_argument("--held-out-minutes", type=float, default=12.0)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; one more process draws the batches")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder")
    parser.add_argument("--export-only", action="store_true", help="export and score the checkpoint that is there")
    return parser


if __name__ == "__main__":
    main()
