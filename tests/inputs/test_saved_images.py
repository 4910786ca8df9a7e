"""Images as files: every form in which they are saved, and hostile ones, which do no harm and are told of."""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.errors import SourceError
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.inputs.docker.saved import images, unpacking
from policyengine.model.kinds.image import KIND as IMAGE
from policyengine.model.kinds.sshd import KIND as SSHD
from policyengine.model.unknown import Unknown
from tests.authentication.layers.tars import END, M, archive, device, directory, header, symlink

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG = "etc/ssh/sshd_config"
NO, YES = M(CONFIG, "PermitRootLogin no\n"), M(CONFIG, "PermitRootLogin yes\n")
WANTED = frozenset((SSHD.name, field) for field in SSHD.fields)
DETAILS = {
    "architecture": "amd64",
    "os": "linux",
    "created": "2026-01-02T03:04:05Z",
    "config": {"User": "app", "Env": ["A=b"], "Labels": {"x": "y"}, "Cmd": ["run"]},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]},
    "history": [{"created_by": "first"}, {"created_by": "second", "empty_layer": True}],
}


def saved(*layers: bytes, tags: list[str] | None = None, config: object = DETAILS) -> dict[str, bytes]:
    """The parts of what docker save wrote before 25."""
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "c0ffee.json", "RepoTags": tags or ["app:1"], "Layers": names}]
    parts = {"c0ffee.json": json.dumps(config).encode(), **dict(zip(names, layers, strict=True))}
    return {**parts, "manifest.json": json.dumps(manifest).encode()}


def layout(*layers: bytes, name: str = "app:1") -> dict[str, bytes]:
    """The parts of an OCI image layout."""
    parts: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def blob(data: bytes) -> dict[str, Any]:
        digest = sha256(data).hexdigest()
        parts[f"blobs/sha256/{digest}"] = data
        return {"digest": f"sha256:{digest}", "size": len(data)}

    manifest = {"config": blob(json.dumps(DETAILS).encode()), "layers": [blob(layer) for layer in layers]}
    described = {**blob(json.dumps(manifest).encode()), "annotations": {"org.opencontainers.image.ref.name": name}}
    return {**parts, "index.json": json.dumps({"manifests": [described]}).encode()}


def file(tmp_path: Path, parts: dict[str, bytes], *, pack: Callable[[bytes], bytes] = bytes) -> str:
    data = archive(*(M(name, part) for name, part in parts.items()))
    (tmp_path / "app.tar").write_bytes(pack(data))
    return f"image://{tmp_path}/app.tar"


def unarchived(tmp_path: Path, parts: dict[str, bytes]) -> str:
    for name, part in parts.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(part)
    return f"image://{tmp_path}/app"


def read(url: str) -> tuple[dict[str, object], list[str]]:
    """What the servers of all images say of root's login, and the problems."""
    context = Context(wanted=WANTED)
    found = {
        one.name: one.facts["permit_root_login"] for one in docker.read_live(url, context) if one.kind == SSHD.name
    }
    return found, [f"{one.path}: {one.message}".replace(url, "URL") for one in context.problems]


LAYERS = (archive(NO), archive(YES))
SKIPPED = b"\x5f\x2a\x4d\x18" + (9).to_bytes(4, "little") + b"no frames"
"""What zstd passes over: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2."""
CHECKED: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}


def windowed(layer: bytes, size: int) -> bytes:
    """A layer of one frame with a window, which counts where the length is not known before."""
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: size})
    return compressor.compress(layer) + compressor.flush()


def frames(layer: bytes) -> bytes:
    """A layer as zstd:chunked has it: many frames, and others to be passed over before, between and after them."""
    parts = [layer[at : at + 700] for at in range(0, len(layer), 700)]
    return SKIPPED + SKIPPED.join(zstd.compress(part, options=CHECKED) for part in parts) + SKIPPED


FORMS = {
    "docker save": lambda place: file(place, saved(*LAYERS)),
    "docker save, packed": lambda place: file(place, saved(*LAYERS), pack=gzip.compress),
    "docker save, unpacked": lambda place: unarchived(place, saved(*LAYERS)),
    "docker save with packed layers": lambda place: file(place, saved(*map(gzip.compress, LAYERS))),
    "docker save since 25": lambda place: file(place, {**layout(*LAYERS), **saved(*LAYERS)}),
    "layout": lambda place: unarchived(place, layout(*LAYERS)),
    "layout with packed layers": lambda place: unarchived(place, layout(*map(gzip.compress, LAYERS))),
    "docker save, packed by zstd": lambda place: file(place, saved(*LAYERS), pack=zstd.compress),
    "layout with layers packed by zstd": lambda place: unarchived(place, layout(*map(zstd.compress, LAYERS))),
    "layout with layers of frames": lambda place: unarchived(place, layout(*map(frames, LAYERS))),
    "layout with layers of wide windows": lambda place: unarchived(
        place, layout(*(windowed(one, 27) for one in LAYERS))
    ),
    "layout, archived": lambda place: file(place, layout(*LAYERS)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form: str, tmp_path: Path) -> None:
    url = FORMS[form](tmp_path)
    assert read(url) == ({"app:1": "yes"}, [])


def test_an_image_and_where_it_and_its_files_are(tmp_path: Path) -> None:
    url = file(tmp_path, saved(*LAYERS))
    found = {one.kind: one for one in docker.read_live(url, Context(wanted=WANTED))}
    assert found.keys() == {IMAGE.name, SSHD.name}
    image, server = found[IMAGE.name], found[SSHD.name]
    assert (image.kind, image.origin, image.name, str(image.where())) == (IMAGE.name, "docker", "app:1", url)
    told = {
        field: image.facts[field] for field in ("user", "environment", "labels", "command", "architecture", "layers")
    }
    assert told == {
        "user": "app",
        "environment": {"A": "b"},
        "labels": {"x": "y"},
        "command": ["run"],
        "architecture": "amd64",
        "layers": 2,
    }
    assert [step["created_by"] for step in image.facts["history"]] == ["second", "first"]  # type: ignore[attr-defined]
    assert (server.name, server.parent, str(server.scope)) == ("app:1", "image/app:1", "image:app.tar")
    assert str(server.where(("permit_root_login",))) == f"{url}:/{CONFIG}:1:17"


def test_several_images_of_one_file(tmp_path: Path) -> None:
    parts = saved(archive(YES))
    manifest = json.loads(parts["manifest.json"])
    manifest.append({**manifest[0], "RepoTags": None, "Layers": ["again.tar"]})
    parts |= {"again.tar": archive(NO), "manifest.json": json.dumps(manifest).encode()}
    assert read(file(tmp_path, parts)) == ({"app:1": "yes", "sha256:c0ffee": "no"}, [])


def test_a_layer_that_was_written_already_is_a_symlink(tmp_path: Path) -> None:
    parts = [M(name, part) for name, part in saved(archive(NO)).items() if name != "0/layer.tar"]
    data = archive(*parts, M("9/layer.tar", archive(YES)), symlink("0/layer.tar", "../9/layer.tar"))
    (tmp_path / "app.tar").write_bytes(data)
    assert read(f"image://{tmp_path}/app.tar") == ({"app:1": "yes"}, [])


@pytest.mark.parametrize(
    ("layer", "told", "values"),
    [
        (archive(NO, M("/etc/passwd", "x")), "'/etc/passwd' is an absolute path, and read as one of the image", ["no"]),
        (
            archive(NO, M(f"../../../{CONFIG}", "PermitRootLogin yes\n")),
            "leads out of the image, and is not read",
            ["no"],
        ),
        (archive(NO, M("etc/.wh...")), "'/etc/.wh...' would remove a directory that it lies in", ["no"]),
        (archive(NO)[:700], "the tar archive breaks off in a file", []),
        (header(b"x", b"x", size=b"77777777777\0") + END, "a tar header of 8589934591 bytes: none is longer than", []),
        (header(b"x", size=b"\x80" + b"\xff" * 11) + END, "a tar archive with a file of", []),
        (b"PermitRootLogin no\n" * 100, "no tar archive, or a damaged one: the checksum of a header is wrong", []),
        (gzip.compress(archive(NO))[:-20], "damaged: Compressed file ended before the end-of-stream marker", []),
        (b"BZh9" + bytes(100), "compressed with bzip2, which is not read", []),
        (zstd.compress(archive(NO))[:-20], "damaged: it breaks off in a frame of zstd", []),
        (zstd.compress(archive(NO)) + SKIPPED[:-1], "damaged: it breaks off in a frame of zstd", []),
        (zstd.compress(archive(NO)) + zstd.compress(b"")[:3], "damaged: it breaks off in a frame of zstd", []),
        (zstd.compress(archive(NO)) + bytes(100), "Unknown frame descriptor", []),
        (zstd.compress(archive(NO), options=CHECKED)[:-1] + b"x", "Restored data doesn't match checksum", []),
        (windowed(archive(NO), 28), "Frame requires too much memory for decoding", []),
        (archive(symlink("a", "b"), symlink("b", "a"), M("a/x")), "'/a/x': more than 40 symbolic links", []),
    ],
)
def test_a_hostile_layer_is_told_and_does_no_harm(layer: bytes, told: str, values: list[str], tmp_path: Path) -> None:
    found, problems = read(file(tmp_path, saved(layer)))
    assert list(found.values()) == values
    (problem,) = problems
    assert told in problem
    assert problem.startswith("URL: ")
    assert "layer 0/layer.tar" in problem
    assert [path.name for path in tmp_path.iterdir()] == ["app.tar"]


def test_devices_and_fifos_are_not_opened(tmp_path: Path) -> None:
    for kind in (device(CONFIG), M(CONFIG, type=tarfile.FIFOTYPE)):
        found, problems = read(file(tmp_path, saved(archive(kind))))
        unknown = found["app:1"]
        assert isinstance(unknown, Unknown)
        assert unknown.why.endswith(
            "/etc/ssh/sshd_config is a special file (FIFO, socket or device) and no regular file"
        )
        assert problems == []


def test_many_hostile_members_are_counted(tmp_path: Path) -> None:
    _, problems = read(file(tmp_path, saved(archive(*(M(f"../{number}") for number in range(100))))))
    assert (len(problems), problems[-1]) == (6, "URL: 95 more files like these")


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_decompression_bomb(pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MANY_BYTES", 1 << 20)
    bomb = pack(archive(M("zeros", bytes(64 << 20))))
    found, problems = read(file(tmp_path, saved(bomb)))
    message = "a decompression bomb: more than 200 times as large as it is"
    assert (found, problems) == ({}, [f"URL: app:1: its layer 0/layer.tar: {message}"])


def test_frames_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyengine.inputs.docker.saved.zstd.MOST_FRAMES", 10)
    assert read(file(tmp_path, saved(zstd.compress(archive(NO)) + zstd.compress(b"") * 9))) == ({"app:1": "no"}, [])
    found, problems = read(file(tmp_path, saved(zstd.compress(archive(NO)) + zstd.compress(b"") * 10)))
    message = "more than 10 frames of zstd: no image has so many"
    assert (found, problems) == ({}, [f"URL: app:1: its layer 0/layer.tar: {message}"])


def test_layers_of_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_MEMBERS", 3)
    assert read(file(tmp_path, saved(archive(NO, M("a", "")), archive(M("b", ""))))) == ({"app:1": "no"}, [])
    values, problems = read(file(tmp_path, saved(*[archive(NO, M("a", ""))] * 2)))
    assert values == {}
    assert [problem.partition("app:1: ")[2] for problem in problems] == ["more than 3 files in its layers"]


def test_an_image_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 20)
    layers = [gzip.compress(archive(M(str(number), bytes(700 << 10)))) for number in range(2)]
    found, problems = read(file(tmp_path, saved(*layers)))
    message = "the image is too large to be unpacked here"
    assert (found, problems) == ({}, [f"URL: app:1: its layer 1/layer.tar: {message}"])


def replaced(name: str, value: object) -> dict[str, bytes]:
    """The parts of a saved image, one of them another; None for one that is not there."""
    parts = saved(archive(YES)) | layout(archive(YES))
    if name == "index.json":
        del parts["manifest.json"]
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return {key: part for key, part in {**parts, name: data}.items() if value is not None or key != name}


DIGEST = {"digest": f"sha256:{'0' * 64}"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("manifest.json", b"{", "manifest.json is malformed JSON"),
        ("manifest.json", b"[" * 100_000, "manifest.json is malformed JSON"),
        ("manifest.json", [7], "manifest.json is not what docker save writes"),
        (
            "manifest.json",
            [{"Config": "../../etc/passwd"}],
            "../../etc/passwd, the configuration of an image, is no JSON",
        ),
        ("c0ffee.json", None, "c0ffee.json, the configuration of an image, is no JSON object, or is not there"),
        ("c0ffee.json", [], "c0ffee.json, the configuration of an image, is no JSON object, or is not there"),
        ("index.json", None, "no saved image: it has neither manifest.json nor index.json"),
        ("index.json", {"manifests": [{}]}, "an image is told of without a digest"),
        (
            "index.json",
            {"manifests": [{"digest": "sha256:../../../etc/passwd"}]},
            "an image is told of without a digest",
        ),
        ("index.json", {"manifests": [DIGEST]}, f"blobs/sha256/{'0' * 64}, which index.json names, is no manifest"),
    ],
)
@pytest.mark.parametrize("form", [file, unarchived])
def test_what_is_no_saved_image(form: Any, name: str, value: object, message: str, tmp_path: Path) -> None:
    url = form(tmp_path, replaced(name, value))
    with pytest.raises(SourceError) as raised:
        read(url)
    assert raised.value.message.startswith(message)
    assert raised.value.path == url


def test_a_layer_that_is_not_there(tmp_path: Path) -> None:
    parts = saved(archive(YES), archive(NO))
    del parts["1/layer.tar"]
    assert read(file(tmp_path, parts)) == ({}, ["URL: app:1: its layer 1/layer.tar is not there"])


def test_a_layer_that_is_a_directory(tmp_path: Path) -> None:
    parts = [M(name, part) for name, part in saved(archive(YES)).items() if name != "0/layer.tar"]
    (tmp_path / "app.tar").write_bytes(archive(*parts, directory("0/layer.tar")))
    url = f"image://{tmp_path}/app.tar"
    assert read(url) == ({}, ["URL: app:1: its layer 0/layer.tar is not there"])


def test_a_directory_whose_symlinks_lead_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "outside.tar").write_bytes(archive(YES))
    url = unarchived(tmp_path, saved(archive(NO)))
    layer = tmp_path / "app" / "0" / "layer.tar"
    layer.unlink()
    layer.symlink_to(tmp_path / "outside.tar")
    assert read(url) == ({}, ["URL: app:1: its layer 0/layer.tar is not there"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.tar", "cannot be read: No such file or directory"),
        ("empty.tar", "no saved image: it has neither manifest.json nor index.json"),
        ("text.tar", "the tar archive breaks off in a header"),
        ("pipe", "neither a file nor a directory"),
        (".", "no saved image: it has neither manifest.json nor index.json"),
    ],
)
def test_what_is_no_file_of_images(path: str, message: str, tmp_path: Path) -> None:
    import os

    (tmp_path / "empty.tar").write_bytes(archive())
    (tmp_path / "text.tar").write_text("FROM scratch\n")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError) as raised:
        read(f"image://{tmp_path}/{path}")
    assert raised.value.message == message
