"""The page over real HTTP: its files, heads and portraits of a real server, and what is not given."""

from __future__ import annotations

import http.client
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import Running, config
from PIL import Image
from unity_bridge.test_bridge import bridge_process, ports_of

from visavis.errors import WeightsError
from visavis_bridge.page import FOLDER, page_files
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture

KIND_OF = {
    "/": "text/html; charset=utf-8",
    "/index.html": "text/html; charset=utf-8",
    "/page.js": "text/javascript; charset=utf-8",
    "/pieces.js": "text/javascript; charset=utf-8",
    "/page.css": "text/css; charset=utf-8",
    "/icon.svg": "image/svg+xml",
    "/lines/lines.json": "application/json",
    "/lines/guard.flac": "audio/flac",
    "/CREDITS.txt": "text/plain; charset=utf-8",
    "/avatars/guard.glb": "model/gltf-binary",
    "/avatars/guard.png": "image/png",
}


class Answer:
    """What a browser would get."""

    def __init__(self, port: int, path: str, *, method: str = "GET", **headers: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        connection.close()


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("avatars")
    try:
        _keep(folder, root / "samples" / "portraits" / "guard.png")
    except WeightsError as error:
        pytest.skip(f"the face networks cannot be had: {error}")
    return folder


def _keep(folder: Path, portrait: Path) -> None:
    build_avatar(read_picture(portrait), size=128).save(folder / "guard.visavis")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """Where a bridge serves the page of a server that keeps one avatar."""
    running = Running(config(avatars=folder))
    arguments = ("bridge", "--server", running.address, "--listen", "127.0.0.1:0", "--web")
    with bridge_process(*arguments, until="browser") as (_, printed):
        port = ports_of(printed)[3]
        assert f"http://127.0.0.1:{port}/" in printed
        yield port
    running.stop()


@pytest.mark.parametrize("path", KIND_OF)
def test_every_file_has_its_type(port: int, path: str) -> None:
    whole = Answer(port, path)
    assert (whole.status, whole.headers["Content-Type"]) == (200, KIND_OF[path])
    assert int(whole.headers["Content-Length"]) == len(whole.body) > 0
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in whole.headers["Content-Security-Policy"]
    head = Answer(port, path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_everything_that_the_page_names_is_there(port: int) -> None:
    page = page_files()
    named = re.findall(rb'(?:src|href)="([^"]+)"', page["/"])
    assert len(named) >= 4
    assert {Answer(port, f"/{name.decode()}").status for name in named} == {200}
    for path in FOLDER.rglob("*.*"):
        assert Answer(port, f"/{path.relative_to(FOLDER).as_posix()}").body == path.read_bytes()


def test_no_script_or_style_stands_in_the_page() -> None:
    """The Content-Security-Policy would refuse it."""
    text = page_files()["/"].decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=", text) == []


def test_heads_and_portraits_are_those_of_the_server(port: int, folder: Path) -> None:
    glb = Answer(port, "/avatars/guard.glb").body
    assert glb[:4] == b"glTF"
    assert Answer(port, "/avatars/guard.glb?again").body == glb
    with zipfile.ZipFile(folder / "guard.visavis") as bundle:
        assert Answer(port, "/avatars/guard.png").body == bundle.read("picture.png")


def test_another_avatar_of_that_name_is_another_head(port: int, folder: Path, root: Path) -> None:
    before = Answer(port, "/avatars/guard.png").body
    _keep(folder, root / "samples" / "portraits" / "android.png")
    after = Answer(port, "/avatars/guard.png").body
    assert after != before
    assert Image.open(io.BytesIO(after)).size == (128, 128)


@pytest.mark.parametrize(
    "path",
    [
        "/page.py", "/../page.py", "/lines/../../page.py", "/%2e%2e/page.py", "/lines/%2e%2e%2f%2e%2e%2fpage.py",
        "//etc/passwd", "/lines", "/lines/", "/avatars/", "/avatars/nobody.glb", "/avatars/guard.visavis",
        "/avatars/../guard.glb", "/avatars/%2e%2e%2fguard.glb", "/avatars/guard.glb/", "/avatars/GUARD.glb", "/\0",
        "//[",
    ],
)  # fmt: skip
def test_nothing_else_is_given(port: int, path: str) -> None:
    answer = Answer(port, path.replace("\0", "%00"))
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(port: int, method: str) -> None:
    assert Answer(port, "/", method=method).status in (400, 405)


def test_a_foreign_name_of_this_machine_gets_nothing(port: int) -> None:
    """A page of evil.example.com whose name was turned to this machine must not read portraits."""
    for path in ("/", "/avatars/guard.png"):
        answer = Answer(port, path, Host=f"evil.example.com:{port}")
        assert answer.status == 403
        assert b"--origin http://evil.example.com" in answer.body
    assert Answer(port, "/", Host=f"localhost:{port}").status == 200


def test_a_name_that_stands_twice_is_none_that_we_know(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("GET", "/")
    connection.putheader("Host", f"127.0.0.1:{port}")
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example.com", 403), ("http://localhost:5173", 101)])
def test_pages_of_strangers_still_get_no_socket(port: int, origin: str, status: int) -> None:
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": origin,
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/", headers=upgrade)
    assert connection.getresponse().status == status
    connection.close()


def test_no_page_without_web(port: int) -> None:
    arguments = ("bridge", "--server", "127.0.0.1:1", "--listen", "127.0.0.1:0")
    with bridge_process(*arguments, until="Ctrl-C") as (_, printed):
        assert "http://" not in printed
        answer = Answer(ports_of(printed)[3], "/")
        assert answer.status == 426
        assert b"<html" not in answer.body


def test_without_a_server_the_page_is_there_and_heads_are_not() -> None:
    arguments = ("bridge", "--server", "127.0.0.1:1", "--listen", "127.0.0.1:0", "--web")
    with bridge_process(*arguments, until="browser") as (_, printed):
        port = ports_of(printed)[3]
        assert Answer(port, "/").status == 200
        answer = Answer(port, "/avatars/guard.glb")
        assert answer.status == 503
        assert b"visavis serve" in answer.body
