"""The browser page over HTTP, on the port of the WebSocket: takes a request, gives a file, or an avatar of the server.

The page's own files are read once, and a path is looked up among their names, so none can lead out of the folder.
`/avatars/NAME.glb` is the head for a game engine, `/avatars/NAME.png` the portrait; both come from the server, once for
each avatar (by its SHA-256). The page is given to addresses whose pages may connect, so that no foreign name that leads
to this machine gets at it. What it does not do: no directory listing, no ranges, no compression.
"""

from __future__ import annotations

import asyncio
import re
import zipfile
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from visavis import Client
from visavis.errors import DamageError, MissingError, UnavailableError, VisavisError

FOLDER = Path(__file__).with_name("page")
TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".flac": "audio/flac",
    ".png": "image/png", ".glb": "model/gltf-binary",
}  # fmt: skip
AVATAR = re.compile(r"/avatars/([a-z0-9_-]{1,64})(\.glb|\.png)")
PORTRAIT = "picture.png"
PORTRAIT_BYTES = 16 << 20
KEPT = 64
"""Files of avatars in memory."""
METHODS = ("GET", "HEAD")
SAFE = {
    # blob: is how the .glb's own texture gets into the page; ws: besides 'self' is for older browsers.
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: blob:; img-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_files(folder: Path = FOLDER) -> dict[str, bytes]:
    """The files of the page by the path that asks for them."""
    files = {f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*.*")}
    return {**files, "/": files["/index.html"]}


class Page:
    """`answer` is what `websockets` calls before each handshake."""

    def __init__(
        self, client: Client, *, files: Mapping[str, bytes], origins: Sequence[str | re.Pattern[str] | None]
    ) -> None:
        """`origins`: the pages that may connect, as the WebSocket has them."""
        self._client = client
        self._files = files
        self._origins = [one for one in origins if one is not None]
        self._exports: dict[tuple[str, str], asyncio.Task[bytes]] = {}

    async def answer(self, request: Request) -> Response | None:
        """The answer to a plain request; None: it wants a WebSocket."""
        if _header(request, "Upgrade").lower() == "websocket":
            return None
        method = getattr(request, "method", "GET")  # older versions of websockets let nothing else through
        if method not in METHODS:
            return _answer(HTTPStatus.METHOD_NOT_ALLOWED, b"Only GET and HEAD.\n", allow=", ".join(METHODS))
        host = _header(request, "Host")
        if not self._may(host):
            text = f"This page is not given to {host!r}: open it as 127.0.0.1, or start with --origin http://{host}\n"
            return _answer(HTTPStatus.FORBIDDEN, text.encode(), method=method)
        return await self._give(unquote(request.path.partition("?")[0]), method=method)

    async def _give(self, path: str, *, method: str) -> Response:
        if path in self._files:
            return _answer(HTTPStatus.OK, self._files[path], suffix=Path(path).suffix or ".html", method=method)
        wanted = AVATAR.fullmatch(path)
        if wanted is None:
            return _answer(HTTPStatus.NOT_FOUND, b"There is nothing here. The page is at /\n", method=method)
        try:
            return _answer(HTTPStatus.OK, await self._avatar(*wanted.groups()), suffix=wanted[2], method=method)
        except VisavisError as error:
            return _answer(_status(error), f"{error}\n".encode(), method=method)

    def _may(self, host: str) -> bool:
        addresses = (f"http://{host}", f"https://{host}")
        return any(
            one in addresses if isinstance(one, str) else any(map(one.fullmatch, addresses)) for one in self._origins
        )

    async def _avatar(self, name: str, suffix: str) -> bytes:
        """A file of an avatar. Raises what the client raises."""
        info = await self._client.get_avatar(name)
        key = (info.sha256, suffix)
        if key not in self._exports:
            while len(self._exports) >= KEPT:
                del self._exports[next(iter(self._exports))]
            self._exports[key] = asyncio.create_task(_export(self._client, name, suffix=suffix))
        try:
            return await asyncio.shield(self._exports[key])  # who asks may leave; the next one finds it
        except Exception:  # a full disk too: the next one who asks tries again
            self._exports.pop(key, None)
            raise


async def _export(client: Client, name: str, *, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        if suffix == ".glb":
            return (await client.export_avatar(name, Path(folder) / "head.glb")).read_bytes()
        path = await client.export_avatar(name, Path(folder) / "avatar.visavis", format="visavis")
        return await asyncio.to_thread(_portrait, path)


def _portrait(path: Path) -> bytes:
    """The picture in a .visavis file. Raises DamageError BUNDLE_DAMAGED."""
    try:
        with zipfile.ZipFile(path) as bundle:
            if bundle.getinfo(PORTRAIT).file_size <= PORTRAIT_BYTES:
                return bundle.read(PORTRAIT)
    except (zipfile.BadZipFile, KeyError):
        pass
    raise DamageError("The server's avatar has no portrait: build it again.", reason="BUNDLE_DAMAGED")


def _header(request: Request, name: str) -> str:
    """One that stands twice, which is not allowed, is none that we know."""
    return ", ".join(request.headers.get_all(name))


def _status(error: VisavisError) -> HTTPStatus:
    if isinstance(error, MissingError):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, UnavailableError) else HTTPStatus.BAD_GATEWAY


def _answer(
    status: HTTPStatus, body: bytes, *, suffix: str = ".txt", method: str = "GET", **headers: str
) -> Response:  # fmt: skip
    about = {"Content-Type": TYPES[suffix], "Content-Length": str(len(body)), "Connection": "close", **SAFE, **headers}
    return Response(status.value, status.phrase, Headers(about), b"" if method == "HEAD" else body)
