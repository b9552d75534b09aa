"""Freed memory stays with the process: the pages of a picture are asked for once."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from visavis.memory import GARBAGE_EVERY, collect_rarely

PROGRAM = """
import resource, sys
if sys.argv[1] == "kept":
    from visavis.memory import keep_freed_memory
    keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
before = faults()
for _ in range(100):
    pictures = [b"x" * (1 << 20) for _ in range(6)]
    del pictures
print(faults() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc")
def test_pages_of_pictures_are_asked_for_once() -> None:
    def faults(kind: str) -> int:
        run = subprocess.run([sys.executable, "-c", PROGRAM, kind], capture_output=True, text=True, check=True)
        return int(run.stdout)

    kept, given_back = faults("kept"), faults("not")
    assert given_back > 4 * kept, "or this is not needed any more"


def test_what_lives_long_is_not_looked_at_again() -> None:
    usual = gc.get_threshold()
    try:
        collect_rarely()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold() == GARBAGE_EVERY
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
