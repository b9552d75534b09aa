"""Takes counts of work done, shows them on stderr: a bar on a terminal, a line now and then anywhere else.

stdout stays free for results, so that `visavis talk ... | xargs` works.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Advance = Callable[[int], None]
_LINES = 10


@contextmanager
def progress(label: str, *, total: int, unit: str = "frames", stream: TextIO | None = None) -> Iterator[Advance]:
    """`with progress("Drawing", total=400) as advance: advance(8)`; `advance` takes how many more are done."""
    stream = stream or sys.stderr
    shown = _bar if stream.isatty() else _lines
    with shown(label, total=total, unit=unit, stream=stream) as advance:
        yield advance


@contextmanager
def _bar(label: str, *, total: int, unit: str, stream: TextIO) -> Iterator[Advance]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(file=stream), transient=False) as bar:
        task = bar.add_task(label, total=total)

        def advance(count: int) -> None:
            bar.update(task, advance=count)

        yield advance


@contextmanager
def _lines(label: str, *, total: int, unit: str, stream: TextIO) -> Iterator[Advance]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if total and before * _LINES // total < done * _LINES // total:
            print(f"{label}: {done} of {total} {unit}", file=stream, flush=True)

    print(f"{label}: {total} {unit}", file=stream, flush=True)
    yield advance
