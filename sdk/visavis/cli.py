"""The one command `visavis`.

Subcommands come from other packages through the entry point group `visavis.commands`: each is a function
`register(subparsers)` that adds its parser and sets `run`, a function of the parsed arguments that returns the exit
status. An error of ours is shown as one line on stderr with its reason, and so is a package that
is not installed; anything else is a bug and keeps its trace.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import entry_points

from visavis.errors import VisavisError

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130
OURS = ("visavis", "visavis_runtime", "visavis_bridge")


def build_parser() -> argparse.ArgumentParser:
    """Parser with every installed subcommand."""
    from visavis import __version__

    parser = argparse.ArgumentParser(
        prog="visavis", description="One portrait and a voice go in; a talking face comes out."
    )
    parser.add_argument("--version", action="version", version=f"visavis {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for point in sorted(entry_points(group="visavis.commands"), key=lambda p: p.name):
        try:
            register = point.load()
        except ModuleNotFoundError as missing:
            if (missing.name or "").startswith("visavis_runtime."):
                raise  # the runtime is installed but broken: a bug, not a missing extra
            _register_missing(subparsers, name=point.name, module=str(missing.name))
        else:
            register(subparsers)
    return parser


def _register_missing(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], *, name: str, module: str
) -> None:
    """A command whose packages are not installed stays listed and says what to install."""

    def run(_: argparse.Namespace) -> int:
        _tell_missing([name], module=module)
        return EXIT_ERROR

    parser = subparsers.add_parser(name, help="(needs visavis[runtime])", add_help=False)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def _tell_missing(argv: Sequence[str], *, module: str) -> None:
    command = next((word for word in argv if not word.startswith("-")), "")
    print(
        f"visavis {command} needs the package {module}: install it with `pip install 'visavis[runtime]'`.",
        file=sys.stderr,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _interrupt)  # a polite kill cleans up as Ctrl-C does
        parser = build_parser()
        arguments = parser.parse_args(list(sys.argv[1:] if argv is None else argv) or ["--help"])
        status: int = arguments.run(arguments)
    except VisavisError as error:
        print(f"visavis: {error} [{error.reason}]", file=sys.stderr)
        return EXIT_ERROR
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package in OURS:
            raise  # a bug, not a missing extra
        _tell_missing(sys.argv[1:] if argv is None else argv, module=package)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("visavis: stopped; nothing half-written was left behind.", file=sys.stderr)
        return EXIT_INTERRUPTED
    return status


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
