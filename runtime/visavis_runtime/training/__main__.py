"""`python -m visavis_runtime.training --minutes M --seed S --out DIR`: from nothing to a speech network.

Makes the speech (kept in DIR/data and used again), trains for M minutes on one thread, writes speech.onnx,
speech.safetensors and speech.json into DIR and figures.json with the scores on held-out voices. With `--recordings` a
folder of real speech with phone timings is scored too; it is never trained on. With `--export-only` the checkpoint in
DIR is exported and scored as it stands, also while a run is going on.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import torch

from visavis_runtime.motion.speech_net import load_speech_net
from visavis_runtime.training.evaluate import recordings, score
from visavis_runtime.training.export import export, parity
from visavis_runtime.training.labels import Corpus, corpus_of_utterances, joined, load_corpus
from visavis_runtime.training.network import DELAYS
from visavis_runtime.training.synthesise import Kinds, make_corpus, make_held_out
from visavis_runtime.training.train import Plan, load_network, train

_LOG = logging.getLogger(__name__)
_CHECKPOINT = "network.safetensors"


def main(arguments: list[str] | None = None) -> None:
    """Run the whole training."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    kinds = Kinds(espeak=options.espeak_hours, flite=options.flite_hours, sounds=options.sound_hours)
    held_out = make_held_out(options.out / "data", minutes=options.held_out_minutes, seed=options.seed)
    if not options.export_only:
        shards = make_corpus(options.out / "data", kinds=kinds, seed=options.seed)
        corpora = {kind: _load(shards, kind=kind) for kind in Kinds._fields}
        train(
            speech=[corpora["espeak"], corpora["flite"]],
            sounds=corpora["sounds"],
            plan=Plan(minutes=options.minutes, seed=options.seed, rows=options.rows, steps=options.steps),
            checkpoint=options.out / _CHECKPOINT,
        )
    if options.recordings:
        held_out["recordings"] = corpus_of_utterances(recordings(options.recordings))
    figures = export_and_score(options.out, held_out=held_out)
    _LOG.info("figures %s", json.dumps(figures))


def export_and_score(folder: Path, *, held_out: dict[str, Corpus]) -> dict[str, object]:
    """Export the checkpoint in `folder` and write its scores to figures.json there."""
    network = load_network(folder / _CHECKPOINT)
    figures: dict[str, object] = dict(export(network, folder=folder))
    figures["parity"] = parity(network, folder=folder)
    net = load_speech_net(folder / "speech.onnx")
    for kind, corpus in held_out.items():
        for head, delay in enumerate(DELAYS):
            scores = score(net, head=head, corpus=corpus)._asdict()
            figures[f"{kind} {10 * (delay + 1)} ms"] = {name: round(value, 4) for name, value in scores.items()}
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return figures


def _load(shards: list[Path], *, kind: str) -> Corpus:
    return joined([load_corpus(path) for path in shards if path.name.startswith(f"{kind}-")])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m visavis_runtime.training", description=__doc__)
    parser.add_argument("--minutes", type=float, required=True, help="wall time of the training itself")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="folder for data, checkpoint and results")
    parser.add_argument("--espeak-hours", type=float, default=9.0)
    parser.add_argument("--flite-hours", type=float, default=5.0)
    parser.add_argument("--sound-hours", type=float, default=2.0, help="music, noise and knocks")
    parser.add_argument("--held-out-minutes", type=float, default=12.0)
    parser.add_argument("--rows", type=int, default=16, help="crops of 4 s in a batch")
    parser.add_argument("--steps", type=int, default=None, help="stop after so many steps (for trying out)")
    parser.add_argument("--recordings", type=Path, default=None, help="real speech to score on")
    parser.add_argument("--export-only", action="store_true", help="export and score the checkpoint that is there")
    return parser


if __name__ == "__main__":
    main()
