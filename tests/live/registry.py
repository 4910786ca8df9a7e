"""A registry that serves one image over plain HTTP on loopback, which engines accept without TLS."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@contextmanager
def serving(repository: str, tag: str, config: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Serve an image of an empty layer with that ``config``; gives the registry's host and the manifest's digest."""
    layer = _layer()
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        "history": [{"created_by": "policyengine's tests"}],
    }
    blob = json.dumps(image).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _described("application/vnd.docker.container.image.v1+json", blob),
            "layers": [_described("application/vnd.docker.image.rootfs.diff.tar", layer)],
        }
    ).encode()
    answers = {
        "/v2/": b"{}",
        f"/v2/{repository}/manifests/{tag}": manifest,
        f"/v2/{repository}/manifests/{_digest(manifest)}": manifest,
        f"/v2/{repository}/blobs/{_digest(blob)}": blob,
        f"/v2/{repository}/blobs/{_digest(layer)}": layer,
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", _digest(manifest)
    finally:
        server.shutdown()
        server.server_close()


def _handler(answers: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            body = answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", MANIFEST if "/manifests/" in self.path else "application/octet-stream")
            self.send_header("Content-Length", str(len(body or b"")))
            self.send_header("Docker-Content-Digest", _digest(body or b""))
            self.end_headers()
            if with_body and body:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _layer() -> bytes:
    with io.BytesIO() as buffer:
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("empty"))
        return buffer.getvalue()


def _described(type_: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": type_, "size": len(blob), "digest": _digest(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"
