"""The secrets in the files of a root: of an image in each of its layers, of any other root where they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.homes import homes
from policyengine.authentication.layers.stacked import Stacked
from policyengine.authentication.resolving import glob, resolved
from policyengine.authentication.secrets.found import MOST_BYTES, secrets, worth_reading
from policyengine.authentication.secrets.published import Published
from policyengine.authentication.wildcards import quoted
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root
    from policyengine.authentication.layers.layer import Layer
    from policyengine.authentication.secrets.secret import Secret

_AT_HOME = (
    *(".ssh/*", ".aws/credentials", ".aws/config", ".azure/*.json", ".boto", ".cargo/credentials*"),
    *(".composer/auth.json", ".config/composer/auth.json", ".config/containers/auth.json"),
    *(".config/doctl/config.yaml", ".config/gcloud/*.json", ".config/gh/hosts.yml", ".config/git/credentials"),
    *(".config/hub", ".config/pip/pip.conf", ".config/rclone/rclone.conf", ".docker/config.json", ".dockercfg"),
    *(".env", ".gem/credentials", ".git-credentials", ".gitconfig", ".gnupg/private-keys-v1.d/*"),
    *(".gnupg/secring.gpg", ".gradle/gradle.properties", ".kube/config", ".m2/settings.xml", ".my.cnf", ".netrc"),
    *(".npmrc", ".pgpass", ".pip/pip.conf", ".pypirc", ".s3cfg", ".terraform.d/*.json", ".terraformrc"),
    *(".vault-token", ".yarnrc.yml", ".bash_history", ".zsh_history"),
)
_OF_SYSTEM = (
    *("/.docker/config.json", "/kaniko/.docker/config.json", "/.env", "/app/.env", "/usr/src/app/.env"),
    *("/etc/pip.conf", "/etc/npmrc", "/etc/gitconfig", "/etc/environment", "/etc/boto.cfg"),
    *("/var/www/html/.env", "/var/www/html/wp-config.php", "/var/lib/jenkins/.ssh/*"),
)
"""The keys of services, which have to lie somewhere, are not among them: who may read those is the kind file's."""


class Stored(Struct, frozen=True):
    """A secret, the file that it is in, and of an image the number of its layer, the lowest 1, and how many there are.

    ``removed``: the file is not there any more, or is another one, in the image as it is started.
    """

    path: str
    secret: Secret
    layer: tuple[int, int] | None = None
    removed: bool = False


def stored(root: Root) -> Iterator[Stored | Unknown]:
    """The secrets of a root. Unknown stands for files of which it cannot be told."""
    return _of_layers(root) if isinstance(root, Stacked) else _kept(root)


def _of_layers(root: Stacked) -> Iterator[Stored]:
    """The secrets of every layer, the lowest first: also of files that a later one removes."""
    published = Published(root)
    layers = root.layers
    for number, layer in enumerate(layers, 1):
        for added in layer.files():
            if worth_reading(added.path, added.entry.size) and not published.has(added.path):
                removed = root.layer(added.path) is not layer
                for secret in secrets(added.path, _content(layer, added.path)):
                    yield Stored(added.path, secret, (number, len(layers)), removed)


def _content(layer: Layer, path: str) -> bytes:
    return layer.content(layer.added[path])


def _kept(root: Root) -> Iterator[Stored | Unknown]:
    """The secrets in the files that keep them, of all users and of the system."""
    seen: set[str] = set()
    for pattern in _patterns(root):
        paths = pattern if isinstance(pattern, Unknown) else glob(root, pattern)
        if isinstance(paths, Unknown):
            yield paths
            continue
        for path in paths:
            yield from _of_file(root, path, seen)


def _patterns(root: Root) -> Iterator[str | Unknown]:
    for home in homes(root):
        if isinstance(home, Unknown):
            yield home
            continue
        at = resolved(root, home)
        if isinstance(at, str):
            root.names(at)  # what it has is then known, at the cost of one request where an engine is asked
        if at is not None:
            yield from (f"{quoted(home)}/{pattern}" for pattern in _AT_HOME)
    yield from _OF_SYSTEM


def _of_file(root: Root, path: str, seen: set[str]) -> Iterator[Stored | Unknown]:
    at = resolved(root, path)
    if isinstance(at, Unknown):
        yield at
    if not isinstance(at, str) or at in seen:
        return
    seen.add(at)
    found = root.entry(at)
    if found is None or (
        not isinstance(found, Unknown) and not (found.kind == "file" and worth_reading(at, found.size))
    ):
        return
    data = root.content(at, MOST_BYTES)
    if isinstance(data, Unknown):
        yield data
    elif data is not None:
        yield from (Stored(path, secret) for secret in secrets(path, data))
