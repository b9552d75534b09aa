"""`visavis talk PORTRAIT AUDIO -o OUT`: one picture and one voice become a video, a sheet, curves or motion.

The options (`talk_options.py`) are checked and made into values here; `write/talk.py` does the work.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from visavis.errors import InputError
from visavis.vocabulary import REGIONS
from visavis_runtime.commands.talk_options import add_talk_parser

if TYPE_CHECKING:
    from visavis_runtime.config import TalkConfig
    from visavis_runtime.motion.controls import Controls
    from visavis_runtime.write.talk import Screen, Stage

AVATAR_PX = (512, 1024)
"""Smallest and largest square that a talk animates; other frames are scaled."""
PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
"""First bytes of PNG, JPEG, GIF and BMP files; WebP is looked for beside them."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis talk`."""
    add_talk_parser(subparsers).set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the talk; prints the path of each result on stdout."""
    from visavis_runtime.audio.pcm import read_audio
    from visavis_runtime.config import load_config
    from visavis_runtime.motion.speech import load_speech
    from visavis_runtime.motion.timing import frame_count
    from visavis_runtime.write.glb.export import Look
    from visavis_runtime.write.outputs import check_outputs, needs_face
    from visavis_runtime.write.progress import progress
    from visavis_runtime.write.talk import Talk, write_talk

    if arguments.server is not None:
        from visavis_runtime.commands import talk_server

        talk_server.check_options(arguments)
    else:
        _check_no_server(arguments)
    flags = {key: getattr(arguments, key) for key in ("quality", "fps", "size", "device", "seed", "rest")}
    config = load_config(arguments.config, environment=os.environ, flags=flags)
    controls = _controls(arguments)
    look = Look(lit=arguments.lit, texture_px=arguments.texture)
    portrait, audio = _inputs(arguments)
    check_outputs(arguments.output, inputs=arguments.inputs)
    if arguments.server is None:
        _check_named(arguments.avatar or portrait)
    clip = read_audio(audio, allow_truncated=arguments.allow_truncated)
    _warn(clip.warnings)
    shown = any(needs_face(path) for path in arguments.output)
    talk = Talk(
        clip=clip, speech=None if arguments.server else load_speech(quality=config.quality), controls=controls,
        seed=config.seed, fps=config.fps, size_px=config.size,
        title=_title(arguments, portrait=portrait, audio=audio), source=audio,
    )  # fmt: skip
    frames = frame_count(clip.samples.shape[0], fps=config.fps)
    with ExitStack() as stack:
        stage: Screen | None = None
        if arguments.server is not None:
            far = stack.enter_context(talk_server.connect(arguments, talk=talk, config=config, look=look))
            talk = replace(talk, motion=far.latents)
            if shown:
                stage = far.seen_as(arguments.avatar or portrait)
        elif shown:
            own = _stage(portrait, avatar_file=arguments.avatar, face=arguments.face, config=config)
            stage = replace(own, look=look)
        advance = stack.enter_context(progress("Talking" if stage else "Listening", total=frames))
        write_talk(talk, outputs=arguments.output, stage=stage, advance=advance)
    for path in arguments.output:
        print(path)
        if path.suffix.lower() == ".glb":
            print(path.with_suffix(".wav"))
    return 0


def _check_no_server(arguments: argparse.Namespace) -> None:
    """Raises InputError OPTION_SERVER for an option that only means something with a server."""
    for name in ("token", "ca", "client_cert", "client_key"):
        if getattr(arguments, name) is not None:
            option = "--" + name.replace("_", "-")
            raise InputError(f"{option} is for a server: name it with --server HOST:PORT.", reason="OPTION_SERVER")


def _inputs(arguments: argparse.Namespace) -> tuple[Path | None, Path]:
    """Portrait (or None) and audio. Raises InputError INPUTS."""
    if len(arguments.inputs) > 2 or (len(arguments.inputs) == 2 and arguments.avatar is not None):
        wanted = "one AUDIO beside --avatar" if arguments.avatar is not None else "one PORTRAIT and one AUDIO"
        raise InputError(f"{len(arguments.inputs)} inputs were given; give {wanted}.", reason="INPUTS")
    portrait = arguments.inputs[0] if len(arguments.inputs) == 2 else None
    audio: Path = arguments.inputs[-1]
    for path in arguments.inputs:
        if path.suffix.lower() == ".visavis":
            raise InputError(
                f"{path} is an avatar, not a {'voice' if path is audio else 'picture'}: use --avatar {path}.",
                reason="INPUTS",
            )
    if _is_picture(audio) and portrait is None:
        raise InputError(f"{audio} is a picture; the voice is missing: give PORTRAIT AUDIO.", reason="INPUTS")
    if _is_picture(audio):
        raise InputError(f"{audio} is a picture; the voice comes last: the order is PORTRAIT AUDIO.", reason="INPUTS")
    return portrait, audio


def _is_picture(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(12)
    return start.startswith(PICTURE_STARTS) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def _check_named(face: Path | None) -> None:
    """A face that is named must be there, even if this result does not show it. Raises InputError FILE_NOT_FOUND."""
    if face is not None and not face.is_file():
        fault = "is not a file" if face.exists() else "does not exist"
        raise InputError(f"{face} {fault}: check the path of the face.", reason="FILE_NOT_FOUND")


def _stage(portrait: Path | None, *, avatar_file: Path | None, face: int | None, config: TalkConfig) -> Stage:
    """Renderer and scene for the avatar file or the portrait.

    Raises:
        InputError: FACE_MISSING, DEVICE_UNAVAILABLE, and whatever is wrong with the picture.
    """
    if avatar_file is None and portrait is None:
        raise InputError(
            "This result shows a face: name a portrait before the audio, or --avatar FILE.", reason="FACE_MISSING"
        )
    from visavis_runtime.face.avatar import Avatar
    from visavis_runtime.face.build import build_avatar
    from visavis_runtime.face.portrait.picture import read_picture
    from visavis_runtime.render.backend import renderer_for
    from visavis_runtime.write.talk import Stage

    renderer = renderer_for(config.device, size=config.size, quality=config.quality)
    if avatar_file is not None:
        avatar = Avatar.load(avatar_file)
    else:
        assert portrait is not None
        picture = read_picture(portrait)
        _warn(picture.warnings)
        side = min(max(config.size, AVATAR_PX[0]), AVATAR_PX[1])  # large frames show more of a large picture
        avatar = build_avatar(picture, size=side, face_number=face or 0)
    return Stage(renderer=renderer, scene=renderer.load(avatar), rest=config.rest, avatar=avatar)


def _controls(arguments: argparse.Namespace) -> Controls:
    """Raises InputError OPTION_VALUE, EMOTION_UNKNOWN, REGION_UNKNOWN, CONTROL_RANGE."""
    from visavis_runtime.motion.controls import Controls

    emotion: dict[str, float] = {}
    for text in arguments.emotion:
        for part in text.split(","):
            name, given, weight = (word.strip() for word in part.partition("="))
            if name in emotion:
                raise InputError(f"--emotion names {name!r} twice: give it one weight.", reason="OPTION_VALUE")
            emotion[name] = _number(weight if given else "1", option="--emotion", example="happy=0.6")
    gaze = None
    if arguments.gaze is not None:
        parts = arguments.gaze.split(",")
        if len(parts) != 2:
            raise InputError(
                f"--gaze is {arguments.gaze!r}; give two angles in degrees, e.g. --gaze 10,-5.", reason="OPTION_VALUE"
            )
        yaw, pitch = (math.radians(_number(part, option="--gaze", example="10,-5")) for part in parts)
        gaze = (yaw, pitch)
    return Controls(
        gaze_rad=gaze, distance=arguments.distance, emotion=emotion, head_gain=arguments.head,
        lip_gain=arguments.lips, blink_rate=arguments.blinks,
        regions=REGIONS if arguments.mask is None else [word.strip() for word in arguments.mask.split(",")],
    )  # fmt: skip


def _number(text: str, *, option: str, example: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{option}: {text!r} is not a number; write for example {example}.",
                         reason="OPTION_VALUE") from None  # fmt: skip


def _title(arguments: argparse.Namespace, *, portrait: Path | None, audio: Path) -> str:
    face = arguments.avatar or portrait
    return f"{face.stem}  ·  {audio.stem}" if face is not None else audio.stem


def _warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        print(f"visavis: {warning}", file=sys.stderr)
