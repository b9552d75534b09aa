"""Takes the subcommands of `visavis`, adds the parser of `visavis talk` with all its options and their help.

What it does not do: it judges no value beyond its kind; what the options mean is in `talk.py`.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from visavis.vocabulary import ACE_EMOTIONS, EMOTIONS, NEUTRAL, REGIONS

EPILOG = """\
OUT by its suffix: .mp4 or .webm (video with the voice), .png (contact sheet), .csv (curves, 60 rows a second),
.npz (motion latents), .glb (3D head for game engines with the line as an animation, its sound beside it as .wav),
.livelink.csv (a take of Live Link Face, for Unreal's import).
Give -o several times for several results of the same talk.

examples:
  visavis talk innkeeper.png welcome.wav -o welcome.mp4 -o welcome.png
  visavis talk --avatar innkeeper.visavis welcome.wav -o welcome.webm --emotion happy=0.6 --gaze 10,0
  visavis talk welcome.wav -o welcome.csv
  visavis talk --server 127.0.0.1:8610 --avatar innkeeper welcome.wav -o welcome.mp4
  VISAVIS_TOKEN=... visavis talk --server faces.example.com:8610 --ca ca.pem welcome.wav -o welcome.csv
"""


def add_talk_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """The parser of `visavis talk`, added to `subparsers`."""
    parser = subparsers.add_parser(
        "talk", help="make a portrait speak a recorded line", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="visavis talk [PORTRAIT] AUDIO -o OUT [-o OUT ...] [options]",
    )  # fmt: skip
    # "--gaze -10,5" must read as a value and not as an option; argparse only knows single negative numbers.
    parser._negative_number_matcher = re.compile(r"^-\.?\d[\d.,eE+-]*$")
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        type=Path,
        metavar="[PORTRAIT] AUDIO",
        help="the picture (not with --avatar; not needed for .csv and .npz), then the voice (wav, flac, ogg, mp3)",
    )
    add("-o", "--output", action="append", type=Path, required=True, metavar="OUT", help="result; may be repeated")
    add("--avatar", type=Path, metavar="FILE", help="a built .visavis avatar instead of a portrait")
    add(
        "--face", type=int, metavar="N", help="which face of the picture from the left, 1, 2, ..., if there are several"
    )
    add("--size", type=int, metavar="PX", help="pixels of a frame's side (512)")
    add("--fps", type=int, help="frames a second, 20 to 60 (40)")
    names = ", ".join((*EMOTIONS, NEUTRAL, *ACE_EMOTIONS))
    add(
        "--emotion", action="append", default=[], metavar="NAME=WEIGHT",
        help=f"e.g. happy=0.6; may be repeated; names: {names}",
    )  # fmt: skip
    add("--gaze", metavar="YAW,PITCH", help="where to look, degrees; yaw > 0 is to the subject's left, pitch > 0 up")
    add("--distance", type=float, default=0.0, metavar="D", help="head widths further away (> 0) or nearer (< 0)")
    add("--head", type=float, default=1.0, metavar="GAIN", help="size of the head's motion, 0 to 2 (1)")
    add("--lips", type=float, default=1.0, metavar="GAIN", help="size of the mouth's motion, 0 to 2 (1)")
    add(
        "--blinks", "--blink-rate", type=float, default=1.0, metavar="RATE", help="factor on the blink rate, 0 to 3 (1)"
    )
    regions = ", ".join(REGIONS)
    add("--mask", metavar="REGION,...", help=f"regions of the face to drive, the rest stays still: {regions} (all)")
    add("--seed", type=int, metavar="N", help="another seed, other gestures (0)")
    add("--quality", metavar="Q", help="fast, balanced or best (balanced)")
    add("--device", metavar="DEVICE", help="cpu, or cuda to render on an NVIDIA GPU (cpu)")
    add("--rest", metavar="REST", help="neutral: lips shut and no broad smile between words; photo: as in the picture")
    add("--lit", action="store_true", help="for .glb: a head that the engine lights; else it shows the picture's light")
    add("--texture", type=int, metavar="PX", default=512, help="for .glb: side of the texture, 512 or 1024 px (512)")
    add("--config", type=Path, metavar="FILE", help="visavis.toml with a [talk] table")
    add("--allow-truncated", action="store_true", help="use what is there of a cut sound file")
    _add_server_options(parser)
    return parser


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "a server", "Servers on other machines are spoken to with TLS, those on this one where --ca is given."
    )
    add = group.add_argument
    add(
        "--server",
        metavar="HOST:PORT",
        help="let a running `visavis serve` make it; --avatar may then be the name of one that it keeps",
    )
    add("--token", metavar="TOKEN", help="what the server lets in; better in VISAVIS_TOKEN, which others do not see")
    add("--ca", type=Path, metavar="FILE", help="authority that signed the server's certificate, PEM (the system's)")
    add("--client-cert", type=Path, metavar="FILE", help="certificate to show to the server, PEM")
    add("--client-key", type=Path, metavar="FILE", help="its key, PEM")
