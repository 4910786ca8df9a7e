"""Debian's docker-registry on loopback, images pushed to it by its API, and a server of tokens."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct, field

from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PROGRAM = "docker-registry"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
_MANIFESTS = f"{DOCKER_MANIFEST}, {OCI_MANIFEST}"
_LAYER = gzip.compress(b"\0" * 1024, mtime=0)


def installed() -> str | None:
    """The program, None where it is not installed."""
    return shutil.which(PROGRAM, path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")


class Distribution(Struct):
    """A registry that runs. ``headers`` let the tests in, ``ca`` is what they trust."""

    host: str
    directory: Path
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: Path | None = None

    def push(
        self, repository: str, tag: str, config: Mapping[str, Any], *, docker: bool = False, **more: object
    ) -> str:
        """Push an image of one empty layer, with ``more`` beside its ``config``; gives its digest."""
        described = self._image(repository, config, docker=docker, **more)
        return self._manifest(repository, tag, described)

    def push_index(self, repository: str, tag: str, images: Mapping[str, Mapping[str, Any]], *, docker: bool) -> str:
        """Push an index of images by platform (``linux/arm64/v8``); gives its digest."""
        listed = []
        for platform, config in images.items():
            parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
            body = self._image(repository, config, docker=docker, **parts)
            digest = self._manifest(repository, digest_of(body), body)
            type_ = DOCKER_MANIFEST if docker else OCI_MANIFEST
            listed.append({"mediaType": type_, "size": len(body), "digest": digest, "platform": parts})
        return self._index(repository, tag, listed, docker=docker)

    def index(self, repository: str, tag: str, images: Mapping[str, str]) -> str:
        """Push an index of images that the repository has, by platform; gives its digest."""
        listed = []
        for platform, digest in images.items():
            _, headers = self.ask("HEAD", f"/v2/{repository}/manifests/{digest}", Accept=_MANIFESTS)
            parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
            size = int(headers["Content-Length"])
            listed.append({"mediaType": headers["Content-Type"], "size": size, "digest": digest, "platform": parts})
        return self._index(repository, tag, listed, docker=True)

    def blob(self, digest: str) -> Path:
        """The file that the registry keeps a blob in."""
        hexadecimal = digest.partition(":")[2]
        return self.directory / "docker/registry/v2/blobs/sha256" / hexadecimal[:2] / hexadecimal / "data"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Mapping[str, str]]:
        """One raw request; gives the status and the headers."""
        connection = self._connection()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {**self.headers, **named})
            answer = connection.getresponse()
            answer.read()
            return answer.status, dict(answer.headers)
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.ca is None:
            return http.client.HTTPConnection(self.host, timeout=60)
        context = ssl.create_default_context(cafile=str(self.ca))
        return http.client.HTTPSConnection(self.host, timeout=60, context=context)

    def _index(self, repository: str, tag: str, listed: list[dict[str, Any]], *, docker: bool) -> str:
        index = {"schemaVersion": 2, "mediaType": DOCKER_LIST if docker else OCI_INDEX, "manifests": listed}
        return self._manifest(repository, tag, json.dumps(index).encode())

    def _image(self, repository: str, config: Mapping[str, Any], *, docker: bool, **more: object) -> bytes:
        whole = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": {"type": "layers"}, **more}
        blob = json.dumps(whole).encode()
        for one in (blob, _LAYER):
            self._blob(repository, one)
        types = (DOCKER_MANIFEST, DOCKER_CONFIG) if docker else (OCI_MANIFEST, OCI_CONFIG)
        layer_type = (
            f"application/vnd.{'docker.image.rootfs.diff.tar.gzip' if docker else 'oci.image.layer.v1.tar+gzip'}"
        )
        manifest = {
            "schemaVersion": 2,
            "mediaType": types[0],
            "config": {"mediaType": types[1], "size": len(blob), "digest": digest_of(blob)},
            "layers": [{"mediaType": layer_type, "size": len(_LAYER), "digest": digest_of(_LAYER)}],
        }
        return json.dumps(manifest).encode()

    def _blob(self, repository: str, blob: bytes) -> None:
        status, headers = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202, status
        at = urlsplit(headers["Location"])
        path = f"{at.path}?{at.query}&digest={digest_of(blob)}"
        status, _ = self.ask("PUT", path, blob, Content_Type="application/octet-stream")
        assert status == 201, status

    def _manifest(self, repository: str, tag: str, body: bytes) -> str:
        type_ = json.loads(body)["mediaType"]
        status, headers = self.ask("PUT", f"/v2/{repository}/manifests/{tag}", body, Content_Type=type_)
        assert status == 201, status
        return headers["Docker-Content-Digest"]


@contextmanager
def distribution(
    program: str,
    directory: Path,
    *,
    auth: Mapping[str, Any] | None = None,
    tls: tuple[Path, Path] | None = None,
    client_ca: Path | None = None,
) -> Iterator[Distribution]:
    """The registry with what its configuration calls ``auth``, and with a certificate and its key."""
    directory.mkdir(parents=True)
    host = f"127.0.0.1:{free_port()}"
    settings: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(directory / "data")}, "delete": {"enabled": True}},
        "http": {"addr": host},
    }
    if auth is not None:
        settings["auth"] = auth
    if tls is not None:
        settings["http"]["tls"] = {"certificate": str(tls[0]), "key": str(tls[1])}
        if client_ca is not None:
            settings["http"]["tls"]["clientcas"] = [str(client_ca)]
    (directory / "config.yml").write_text(json.dumps(settings))
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(directory / "config.yml")], stdout=log, stderr=log)
    try:
        _await(host, process, directory / "log")
        yield Distribution(host, directory / "data")
    finally:
        process.terminate()
        process.wait(60)


def htpasswd(path: Path, user: str, password: str) -> Mapping[str, Any]:
    """The registry's ``auth`` by a password file; bcrypt is all that it knows."""
    command = ["htpasswd", "-Bbn", "-C", "4", user, password]
    path.write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"htpasswd": {"realm": "tests", "path": str(path)}}


class TokenServer(Struct):
    """A server of tokens: what it was asked for, and whom it knows."""

    url: str
    users: Mapping[str, str]
    identity: str
    key: tuple[Path, Path]
    asked: list[dict[str, str]] = field(default_factory=list)

    def auth(self) -> Mapping[str, Any]:
        """The registry's ``auth`` by its tokens."""
        said = {"realm": self.url, "service": "tests", "issuer": "tests", "rootcertbundle": str(self.key[0])}
        return {"token": said}

    def token(self, scope: str, actions: list[str] | None = None) -> str:
        """A token as https://distribution.github.io/distribution/spec/auth/jwt/ has it, signed by openssl."""
        type_, _, rest = scope.partition(":")
        name, _, wanted = rest.rpartition(":")
        now = int(time.time())
        access = [{"type": type_, "name": name, "actions": actions or wanted.split(",")}] if scope else []
        claims = {"iss": "tests", "sub": "", "aud": "tests", "exp": now + 300, "nbf": now - 10, "iat": now - 10}
        pem = self.key[0].read_text().split("-----")[2]
        header = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(pem.split())]}
        signed = b".".join(
            _b64(json.dumps(part).encode()) for part in (header, {**claims, "access": access, "jti": "1"})
        )
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.key[1])]
        signature = subprocess.run(command, input=signed, check=True, capture_output=True).stdout
        return (signed + b"." + _b64(signature)).decode()


@contextmanager
def token_server(key: tuple[Path, Path], users: Mapping[str, str], identity: str) -> Iterator[TokenServer]:
    """Serve tokens: to all for repositories below ``public/``, to ``users`` and to who has ``identity`` for all."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    made = TokenServer(f"http://127.0.0.1:{server.server_port}/token", users, identity, key)
    server.RequestHandlerClass = _tokens(made)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def _tokens(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            given = self.headers.get("Authorization", "")
            self._answer(query, given, given in {_basic(*one) for one in server.users.items()}, not given)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            known = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == server.identity
            self._answer(form, "identity", known, anonymous=False)

        def _answer(self, said: dict[str, str], how: str, known: bool, anonymous: bool) -> None:
            server.asked.append({"method": self.command, "authorization": how, **said})
            if not known and not anonymous:
                self.send_error(401)
                return
            scope = said.get("scope", "")
            public = scope.startswith("repository:public/")
            body = json.dumps({"access_token": server.token(scope if known or public else "")}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def digest_of(body: bytes) -> str:
    """Its digest."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _await(host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    name, _, port = host.rpartition(":")

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(OSError), socket.create_connection((name, int(port)), 1):
            return True
        return False

    until(listens, f"the registry listens at {host}")
