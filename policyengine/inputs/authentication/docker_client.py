"""The docker clients of a root's users as resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.docker.client import CONFIG, DIRECTORY, Client, client, contexts, mode
from policyengine.authentication.docker.environment import environment
from policyengine.authentication.homes import homes
from policyengine.authentication.resolving import entry
from policyengine.errors import DocumentError
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.kinds import docker_client as kind
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.docker.client import Context
    from policyengine.authentication.docker.environment import Environment
    from policyengine.authentication.files import Root
    from policyengine.documents.document import Document
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"docker_client": frozenset(kind.KIND.fields)}

_PROGRAMS = ("/usr/bin/docker", "/usr/local/bin/docker")
_SOCKET = "unix:///var/run/docker.sock"
_ON = frozenset(("1", "true", "True", "TRUE", "t", "T"))
"""What docker takes DOCKER_CONTENT_TRUST to be on by: Go's ``strconv.ParseBool``."""

_OF_FILE = ("credentials_store", "credential_helpers", "plain_credentials", "http_headers", "proxies",
            "current_context")  # fmt: skip


def resources(
    root: Root, name: str, scope: Scope, origin: str, refused: Callable[[str, Location], None]
) -> Iterator[Resource]:
    """One client for each user who has a configuration; root's where none has one, and docker is there."""
    found = [home for home in homes(root) if isinstance(home, str)]
    users = [home for home in found if entry(root, f"{home}/{DIRECTORY}") is not None]
    if not users and any(entry(root, program) is not None for program in _PROGRAMS):
        users = ["/root"]
    for home in users:
        yield from user(root, home, name, scope, origin, refused)


def user(
    root: Root, home: str, name: str, scope: Scope, origin: str, refused: Callable[[str, Location], None]
) -> Iterator[Resource]:
    """The client of the user with a home directory; a configuration that docker does not read is told."""
    try:
        found = client(root, home)
    except DocumentError as error:
        refused(f"docker refuses it: {error.message}", Location(error.path or home, error.line, error.column))
        return
    facts = _Facts(root.where(f"{home}/{DIRECTORY}/{CONFIG}"), name, home)
    facts.put_file(found, mode(root, home))
    facts.put_contexts(contexts(root, home))
    facts.put_environment(environment(root, home))
    yield facts.resource(scope, origin)


class _Facts:
    """Collects the facts and where they come from."""

    def __init__(self, path: str, name: str, home: str) -> None:
        self._path = path
        self._name = name
        self._facts: dict[str, object] = {"name": name, "home": home}
        self._places: dict[FieldPath, Location] = {}
        self._how: dict[FieldPath, Provenance] = {}
        self._texts: dict[str, str | Document] = {}

    def resource(self, scope: Scope, origin: str) -> Resource:
        """The client."""
        facts = {field: value for field, value in self._facts.items() if value not in (None, [], {})}
        self._how |= {(field,): DECLARED for field in facts if (field,) not in self._how}
        home = str(facts["home"])
        origins = WrittenOrigins(self._path, self._places, self._how, self._texts)
        return Resource("docker_client", self._name, origin, scope, facts, origins, identity=(self._name, home))

    def put_file(self, found: Client | Unknown | None, bits: int | Unknown | None) -> None:
        """What config.json says; nothing where there is none."""
        self._facts["mode"] = f"{bits:04o}" if isinstance(bits, int) else bits
        if isinstance(found, Unknown):
            self._facts |= dict.fromkeys(_OF_FILE, found)
        if not isinstance(found, Client):
            return
        self._texts |= found.texts
        self._facts |= {
            "credentials_store": found.credentials_store,
            "credential_helpers": found.credential_helpers,
            "plain_credentials": list(found.plain),
            "http_headers": list(found.headers),
            "proxies": found.proxies,
            "current_context": found.current_context,
        }
        renamed = {"plain": "plain_credentials"}
        self._places |= {(renamed.get(field, field), key): where for (field, key), where in found.places.items()}

    def put_contexts(self, found: list[Context] | Unknown) -> None:
        """The contexts."""
        if isinstance(found, Unknown):
            self._facts["contexts"] = found
            return
        self._facts["contexts"] = [_context(one) for one in found]
        self._places |= {("contexts", at): one.where for at, one in enumerate(found)}

    def put_environment(self, found: Environment) -> None:
        """What variables say; those that are not set say nothing, but that content is not trusted by default."""
        if found.unknown is not None:
            self._facts |= dict.fromkeys(("host", "tls_verify", "content_trust"), found.unknown)
            return
        variables = found.variables
        self._texts |= found.texts
        host, verify, trust = (variables.get(f"DOCKER_{name}") for name in ("HOST", "TLS_VERIFY", "CONTENT_TRUST"))
        values: Mapping[str, object] = {
            "host": host.value if host and host.value else _SOCKET,
            "tls_verify": verify is not None and verify.value != "",
            "content_trust": trust is not None and trust.value in _ON,
        }
        self._facts |= values
        for field, variable in (("host", host), ("tls_verify", verify), ("content_trust", trust)):
            self._how[(field,)] = DECLARED if variable else Provenance("default", "docker")
            if variable:
                self._places[(field,)] = variable.where


def _context(one: Context) -> dict[str, object]:
    return {"name": one.name, "host": one.host, "tls": one.tls, "skip_tls_verify": one.skip_tls_verify}
