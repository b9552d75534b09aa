"""The committed messages are those of protos/, and nothing but names and numbers that buf accepts."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

ROOT = Path(__file__).resolve().parents[2]
BUF = Path(sys.executable).parent / "buf"
FILES = sorted(str(path.relative_to(ROOT / "protos")) for path in (ROOT / "protos").rglob("*.proto"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    image = tmp_path_factory.mktemp("protos") / "image.binpb"
    subprocess.run([BUF, "build", str(ROOT / "protos"), "-o", str(image)], check=True)
    files = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes()).file
    return {file.name: _bare(file) for file in files}


def _bare(file: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    """Without comments and what only one compiler writes."""
    file.ClearField("source_code_info")
    file.DiscardUnknownFields()
    messages = list(file.message_type)
    while messages:
        message = messages.pop()
        messages += message.nested_type
        for field in message.field:
            field.ClearField("json_name")
    return file


@pytest.mark.parametrize("name", FILES)
def test_generated_code_is_fresh(name: str, written: dict[str, descriptor_pb2.FileDescriptorProto]) -> None:
    generated = descriptor_pb2.FileDescriptorProto()
    import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2").DESCRIPTOR.CopyToProto(generated)
    assert _bare(generated) == written[name], "run `make protos`"


def test_protos_are_in_style() -> None:
    shown = subprocess.run([BUF, "lint", str(ROOT / "protos")], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stdout
