"""A network description on disk: safetensors bytes with the operator list as JSON in their metadata, and back.

One file for each network, without pickle: the constants are the tensors (named by their number), everything else is one
JSON object under the metadata key `graph`. Hashes are checked by the caller, before.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load, save

from visavis_runtime.nets.flatbuffer import damaged
from visavis_runtime.nets.tflite import Description, Operator


def bytes_from_description(description: Description) -> bytes:
    """The description as the bytes of one safetensors file."""
    graph = {
        "inputs": description.inputs,
        "outputs": description.outputs,
        "shapes": description.shapes,
        "operators": [operator._asdict() for operator in description.operators],
    }
    tensors = {str(number): array for number, array in description.constants.items()}
    content: bytes = save(tensors, metadata={"graph": json.dumps(graph, separators=(",", ":"))})
    return content


def description_from_bytes(content: bytes) -> Description:
    """The description in the bytes of one safetensors file.

    Raises: DamageError if they are not what `bytes_from_description` writes.
    """
    try:
        size = struct.unpack("<Q", content[:8])[0]
        graph: dict[str, Any] = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["graph"])
        constants = {int(name): array for name, array in load(content).items()}
        operators = tuple(
            Operator(o["kind"], tuple(o["inputs"]), tuple(o["outputs"]), dict(o["options"])) for o in graph["operators"]
        )
        shapes = tuple(tuple(shape) for shape in graph["shapes"])
        return Description(tuple(graph["inputs"]), tuple(graph["outputs"]), shapes, operators, constants)
    except (SafetensorError, struct.error, ValueError, KeyError, TypeError) as error:
        raise damaged(f"its safetensors file cannot be read: {error}") from error
