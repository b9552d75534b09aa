"""Spares long-lived programs two costs of memory: what is freed stays with the process, and cycles are sought rarely.

The C library of Linux gives the memory of every picture of a megabyte back to the system and asks for it again with
the next one, page by page: through server and bridge that doubles the time a picture takes, and costs a third more CPU.
What it does not do: nothing outside glibc, where it finds nothing to set.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

KEPT_BYTES = 64 << 20
"""Free memory at the end of the heap that stays."""
MAPPED_BYTES = 32 << 20
"""Larger pieces than this are still mapped on their own; the largest value that glibc takes."""
GARBAGE_EVERY = (50_000, 20, 100)
"""Objects before Python looks for cycles, and rounds before it looks among older ones (its own: 700, 10, 10)."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> None:
    """Once at the start of a process, before pictures flow."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, MAPPED_BYTES)


def collect_rarely() -> None:
    """Once a process has all that lives as long as it does: no collection looks at that, and others are rare.

    For programs whose own values are no cycles, so that nearly all of them go without a collection.
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE_EVERY)
