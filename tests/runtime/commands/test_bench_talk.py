from __future__ import annotations

import pytest

from visavis.cli import main


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["talk", "--sessions", "0"], "--textures"),
        (["talk", "--sessions", "-3"], "0 or more"),
        (["talk", "--seconds", "0.5"], "2 or more"),
        (["chaos", "--sessions", "5", "--kill", "5"], "--kill"),
        (["soak", "--minutes", "0"], "more than 0"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(
    flags: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    assert main(["bench", *flags]) != 0
    assert says in capsys.readouterr().err
