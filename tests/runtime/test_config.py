from __future__ import annotations

from pathlib import Path

import pytest

from visavis.errors import InputError
from visavis_runtime.config import TalkConfig, load_config


def test_later_sources_win(tmp_path: Path) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text('[talk]\nquality = "fast"\nfps = 25\nseed = 4\n[server]\nport = 1\n')
    environment = {"VISAVIS_FPS": "30", "VISAVIS_SEED": "5", "VISAVIS_CACHE": "/somewhere", "HOME": "/"}
    config = load_config(path, environment=environment, flags={"seed": 6, "size": None})
    assert config == TalkConfig(quality="fast", fps=30, size=512, device="cpu", seed=6)


def test_defaults() -> None:
    assert load_config(None, environment={}) == TalkConfig()


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text('[talk]\nqualty = "fast"\n')
    with pytest.raises(InputError, match="did you mean quality") as caught:
        load_config(path, environment={})
    assert caught.value.reason == "CONFIG_KEY"


@pytest.mark.parametrize(
    ("text", "words"),
    [("[tlak]\nfps = 25\n", r"did you mean \[talk\]"), ("fps = 25\n", "no table 'fps'"), ("[zzzz]\n", "known are")],
)
def test_an_unknown_table_names_the_nearest(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        load_config(path, environment={})
    assert caught.value.reason == "CONFIG_TABLE"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[talk\n", "CONFIG_SYNTAX"),
        ("talk = 3\n", "CONFIG_SYNTAX"),
        ("[talk]\nfps = 25.5\n", "CONFIG_VALUE"),
        ("[talk]\nfps = true\n", "CONFIG_VALUE"),
        ("[talk]\nfps = 12\n", "FPS_RANGE"),
        ("[talk]\nsize = 333\n", "CONFIG_VALUE"),
        ("[talk]\nsize = 9000\n", "CONFIG_VALUE"),
        ('[talk]\nquality = "ultra"\n', "CONFIG_VALUE"),
        ('[talk]\ndevice = "tpu"\n', "CONFIG_VALUE"),
        ("[talk]\nseed = -1\n", "CONFIG_VALUE"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_config(path, environment={})
    assert caught.value.reason == reason


def test_a_wrong_environment_value_is_refused() -> None:
    with pytest.raises(InputError, match="whole number"):
        load_config(None, environment={"VISAVIS_FPS": "fast"})


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_config(tmp_path / "none.toml", environment={})
    assert caught.value.reason == "CONFIG_MISSING"
