"""`visavis avatar build | info | export | sheet`: a portrait becomes a `.visavis` file, and that file is looked at.

`export` makes the 3D head that game engines draw themselves (docs/native-head.md).
`sheet` draws the shapes and poses with the renderer itself, each labelled, so that what is wrong with a face is seen
before it talks.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visavis.errors import OutputError

MIN_SIZE, MAX_SIZE = 256, 1024
MIN_CELL, MAX_CELL = 32, 512
AXES = ("yaw", "pitch", "roll")
KNOWN = {
    "warnings",
    "presence",
    "flatness",
    "evenness",
    "beard",
    "glasses",
    "portrait_sha256",
    "made_by",
    *(f"source_{x}_rad" for x in AXES),
}
NEUTRAL, LEAST = "neutral_", 0.04
WORDS = {
    "gap": "parted lips shut", "jaw": "jaw up", "smile": "smile taken back", "lids_left": "left lid opened",
    "lids_right": "right lid opened",
}  # fmt: skip


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis avatar`."""
    parser = subparsers.add_parser("avatar", help="turn a portrait into an animatable face, and look at it")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    build = actions.add_parser("build", help="portrait -> .visavis")
    build.add_argument("portrait", type=Path, metavar="PORTRAIT", help="PNG, JPEG or WebP with one face")
    build.add_argument("-o", "--output", type=Path, required=True, metavar="NPC.visavis")
    build.add_argument("--size", type=_size, default=512, help="side of the animated square in px (default 512)")
    build.add_argument(
        "--face", type=int, default=0, metavar="N", help="which face from the left, 1, 2, ..., if there are several"
    )
    build.set_defaults(run=run_build)

    info = actions.add_parser("info", help="what is in a .visavis file")
    info.add_argument("avatar", type=Path, metavar="NPC.visavis")
    info.set_defaults(run=run_info)

    export = actions.add_parser("export", help="3D head for game engines: .visavis -> .glb")
    export.add_argument("avatar", type=Path, metavar="NPC.visavis")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="NPC.glb")
    export.add_argument("--lit", action="store_true", help="lit by the engine; else it shows the picture's own light")
    export.add_argument("--texture", type=int, default=512, metavar="PX", help="512 or 1024 (default 512)")
    export.set_defaults(run=run_export)

    sheet = actions.add_parser("sheet", help="contact sheet of shapes and poses")
    sheet.add_argument("avatar", type=Path, metavar="NPC.visavis")
    sheet.add_argument("-o", "--output", type=Path, required=True, metavar="SHEET.png")
    sheet.add_argument("--cell", type=_cell, default=256, help="side of one picture in px, 32 to 512 (default 256)")
    sheet.add_argument("--brief", action="store_true", help="without the 52 single shapes")
    sheet.set_defaults(run=run_sheet)


def run_build(arguments: argparse.Namespace) -> int:
    """Build and save an avatar."""
    from visavis_runtime.face.build import build_avatar
    from visavis_runtime.face.portrait.picture import read_picture

    output: Path = arguments.output
    _check_suffix(output, what="An avatar", suffix=".visavis")
    avatar = build_avatar(read_picture(arguments.portrait), size=arguments.size, face_number=arguments.face)
    avatar.save(output)
    for warning in avatar.meta["warnings"]:
        print(f"note: {warning}")
    print(f"{output} ({output.stat().st_size / 1e6:.1f} MB)")
    return 0


def run_info(arguments: argparse.Namespace) -> int:
    """Print what an avatar holds and how far it may move."""
    from visavis_runtime.face.avatar import Avatar
    from visavis_runtime.face.entries import printable

    avatar = Avatar.load(arguments.avatar)
    limits = avatar.limits
    rows = {
        "size": f"{avatar.size} px",
        "file": f"{arguments.avatar.stat().st_size / 1e6:.1f} MB",
        "mesh": f"{len(avatar.vertices)} vertices, {len(avatar.triangles)} triangles, {len(avatar.shapes)} shapes",
        "memory": f"{avatar.nbytes / 1e6:.1f} MB",
        "head yaw": _degrees(limits.yaw),
        "head pitch": _degrees(limits.pitch),
        "head roll": _degrees(limits.roll),
        "head shift": f"up to {limits.shift[1]:.2f} head widths",
        "mouth in the picture": "open" if avatar.mouth.is_open else "shut",
        "brought to rest": _at_rest(avatar.meta),
        **_told(avatar.meta),
        **{name: value for name, value in avatar.meta.items() if _strange(name)},
    }
    for name, value in rows.items():
        print(f"{printable(name):22} {printable(value)}")
    for warning in avatar.meta["warnings"]:
        print(f"note: {printable(warning)}")
    return 0


def _told(meta: Mapping[str, Any]) -> dict[str, str]:
    """What is known of the portrait, in words; a bundle may lack any of it, or hold something else there."""
    rows = {}
    turned: list[Any] = [meta.get(f"source_{axis}_rad") for axis in AXES]
    if all(isinstance(value, int | float) for value in turned):
        degrees = (f"{axis} {math.degrees(value):+.0f}" for axis, value in zip(AXES, turned, strict=True))
        rows["head in the picture"] = ", ".join(degrees) + " degrees"
    if isinstance(meta.get("presence"), int | float):
        rows["sure of the face"] = f"{100 * meta['presence']:.0f} %"
    if isinstance(meta.get("flatness"), int | float):
        rows["drawn flat"] = f"{100 * meta['flatness']:.0f} %"
    if isinstance(meta.get("evenness"), int | float):
        rows["even colours"] = f"{100 * meta['evenness']:.0f} % of the face"
    if isinstance(meta.get("beard"), int | float):
        rows["beard"] = f"{100 * meta['beard']:.0f} %"
    if "glasses" in meta:
        rows["glasses"] = "yes" if meta["glasses"] else "no"
    for name, words in (("portrait_sha256", "SHA-256 of the picture"), ("made_by", "made by")):
        if name in meta:
            rows[words] = str(meta[name])
    return rows


def _strange(name: str) -> bool:
    """Something that this version has no words for."""
    return name not in KNOWN and not name.startswith(NEUTRAL)


def _at_rest(meta: Mapping[str, Any]) -> str:
    """What of the picture is not neutral and is taken back, in words."""
    found = [name.removeprefix(NEUTRAL) for name, value in meta.items() if name.startswith(NEUTRAL) and value > LEAST]
    words = [WORDS[name] for name in found if name in WORDS]
    return ", ".join(words) if words else "nothing to do"


def run_export(arguments: argparse.Namespace) -> int:
    """Write an avatar as a head that engines draw."""
    from visavis_runtime.face.avatar import Avatar
    from visavis_runtime.write.atomic import atomic_path
    from visavis_runtime.write.glb.export import Look, glb_from_avatar

    output: Path = arguments.output
    _check_suffix(output, what="A native head", suffix=".glb")
    look = Look(lit=arguments.lit, texture_px=arguments.texture)
    data = glb_from_avatar(Avatar.load(arguments.avatar), look=look)
    with atomic_path(output) as temporary:
        temporary.write_bytes(data)
    print(f"{output} ({len(data) / 1e6:.2f} MB)")
    return 0


def run_sheet(arguments: argparse.Namespace) -> int:
    """Draw the contact sheet of an avatar."""
    from visavis_runtime.commands.avatar_sheet import draw_sheet, save_sheet
    from visavis_runtime.face.avatar import Avatar

    _check_suffix(arguments.output, what="A sheet", suffix=".png")
    avatar = Avatar.load(arguments.avatar)
    sheet = draw_sheet(avatar, cell_px=arguments.cell, shapes=not arguments.brief, title=arguments.avatar.stem)
    save_sheet(sheet, arguments.output)
    print(arguments.output)
    return 0


def _check_suffix(path: Path, *, what: str, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise OutputError(
            f"{what} is written as {suffix}, not {path.suffix or 'without a suffix'}: choose another name.",
            reason="OUTPUT_SUFFIX",
        )


def _size(text: str) -> int:
    return _within(text, low=MIN_SIZE, high=MAX_SIZE)


def _cell(text: str) -> int:
    return _within(text, low=MIN_CELL, high=MAX_CELL)


def _within(text: str, *, low: int, high: int) -> int:
    """A whole number of the command line; argparse shows what is wrong with it."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{value} is outside {low}..{high}")
    return value


def _degrees(limits: tuple[float, float]) -> str:
    low, high = (math.degrees(value) for value in limits)
    return f"{low:+.0f} to {high:+.0f} degrees"
