"""Writes the numbers and names of the wire as C#, GDScript and JavaScript, so that no client types them by hand.

Takes them from the Python that speaks them (wire.py, names.py, the SDK), gives one file for each language. A house test
fails while a file is not what this would write. Run: python unity_bridge/bindings/write.py
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from visavis.latents import LOOK_PITCH_RAD, LOOK_YAW_RAD, NAMES, SAMPLE_RATE_HZ, SPACE
from visavis.vocabulary import EMOTIONS
from visavis_bridge.names import SHAPES
from visavis_bridge.wire import HEADER_BYTES, MAGIC, MESSAGE_BYTES, NO_LINE, VERSION, Codec, Flags, Kind

ROOT = Path(__file__).resolve().parents[2]
NOTE = "Written by unity_bridge/bindings/write.py; change that, not this."
NUMBERS = {
    "VERSION": VERSION,
    "HEADER_BYTES": HEADER_BYTES,
    "MESSAGE_BYTES": MESSAGE_BYTES,
    "NO_LINE": NO_LINE,
    "SAMPLE_RATE_HZ": SAMPLE_RATE_HZ,
    "LOOK_YAW_RAD": LOOK_YAW_RAD,
    "LOOK_PITCH_RAD": LOOK_PITCH_RAD,
}
ENUMS = {
    "KIND": {one.name: int(one) for one in Kind},
    "CODEC": {one.name: int(one) for one in Codec},
    "FLAG": {str(one.name): int(one) for one in Flags if one},
}
LISTS = {"NAMES": list(NAMES), "EMOTIONS": list(EMOTIONS)}
ALIASES = [list(dict.fromkeys((one.arkit, one.live_link, one.ifacialmocap))) for one in SHAPES]
"""What models call each shape: ARKit, Live Link, with `_L` and `_R`."""


def _lines(names: Iterable[str], *, indent: str) -> str:
    """Quoted names, a few in a line."""
    lines, line = [], indent
    for name in names:
        if len(line) + len(name) > 110:
            lines.append(line.rstrip())
            line = indent
        line += f'"{name}", '
    return "\n".join([*lines, line.rstrip()])


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def csharp() -> str:
    """Vocabulary.cs."""
    kinds = "\n".join(
        f"    public enum {_pascal(enum)} : byte\n    {{\n"
        + "\n".join(f"        {_pascal(name)} = {value}," for name, value in values.items())
        + "\n    }\n"
        for enum, values in ENUMS.items()
    )
    numbers = "\n".join(
        f"        public const {'double' if isinstance(value, float) else 'int'} {_pascal(name)} = {value};"
        for name, value in NUMBERS.items()
    )
    lists = "\n".join(
        f"        public static readonly string[] {_pascal(name)} =\n        {{\n"
        f"{_lines(values, indent=' ' * 12)}\n        }};\n"
        for name, values in LISTS.items()
    )
    aliases = "\n".join("            new[] { " + ", ".join(f'"{name}"' for name in row) + " }," for row in ALIASES)
    return f"""// {NOTE}
namespace Visavis
{{
{kinds}
    /// Numbers and names of the wire (WIRE.md).
    public static class Vocabulary
    {{
        public const string Magic = "{MAGIC.decode()}";
        public const string Space = "{SPACE}";
{numbers}

{lists}
        /// What models call each of the first {len(ALIASES)} of Names: ARKit, Live Link, with _L and _R.
        public static readonly string[][] Aliases =
        {{
{aliases}
        }};
    }}
}}
"""


def gdscript() -> str:
    """vocabulary.gd, for Godot 3 and 4."""
    numbers = "\n".join(f"const {name} = {value}" for name, value in NUMBERS.items())
    enums = "\n".join(
        f"const {enum}_{name} = {value}" for enum, values in ENUMS.items() for name, value in values.items()
    )
    lists = "\n".join(f"const {name} = [\n{_lines(values, indent='	')}\n]" for name, values in LISTS.items())
    aliases = "\n".join("	" + json.dumps(row) + "," for row in ALIASES)
    return f"""# {NOTE}
# Numbers and names of the wire (WIRE.md).

const MAGIC = "{MAGIC.decode()}"
const SPACE = "{SPACE}"
{numbers}
{enums}
{lists}
# What models call each of the first {len(ALIASES)} of NAMES: ARKit, Live Link, with _L and _R.
const ALIASES = [
{aliases}
]
"""


def javascript() -> str:
    """vocabulary.js, an ES module."""
    numbers = "\n".join(f"export const {name} = {value};" for name, value in NUMBERS.items())
    enums = "\n".join(f"export const {enum} = {json.dumps(values)};" for enum, values in ENUMS.items())
    lists = "\n".join(f"export const {name} = [\n{_lines(values, indent='  ')}\n];" for name, values in LISTS.items())
    aliases = "\n".join("  " + json.dumps(row) + "," for row in ALIASES)
    return f"""// {NOTE}
// Numbers and names of the wire (WIRE.md).

export const MAGIC = "{MAGIC.decode()}";
export const SPACE = "{SPACE}";
{numbers}
{enums}
{lists}
// What models call each of the first {len(ALIASES)} of NAMES: ARKit, Live Link, with _L and _R.
export const ALIASES = [
{aliases}
];
"""


FILES = {
    "unity_bridge/com.visavis.unity/Runtime/Core/Vocabulary.cs": csharp,
    "samples/godot/addons/visavis/vocabulary.gd": gdscript,
    "samples/web/src/vocabulary.js": javascript,
}


def main(root: Path) -> None:
    """Write them all."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main(ROOT)
