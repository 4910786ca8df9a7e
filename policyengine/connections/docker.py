"""A Docker Engine that answers, or an error that says why it does not and what to try."""

from __future__ import annotations

import errno
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from policyengine.errors import SourceError
from policyengine.model.masking import MASK, concealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker import APIClient
    from docker.tls import TLSConfig

    from policyengine.connections.docker_context import Endpoint

CONNECT_SECONDS = 5
READ_SECONDS = 30
REQUESTS = 8
"""How many requests may be under way at once."""

_START = "start it, or set DOCKER_HOST or name a context: docker://CONTEXT"

Answer = dict[str, object]


class NotThereError(SourceError):
    """The engine has no such container, image or network (any more)."""


@contextmanager
def connected(endpoint: Endpoint) -> Iterator[Engine]:
    """The engine at an endpoint. Raises :class:`SourceError` when it does not answer; closes all connections."""
    version = _version(endpoint)
    client = _client(endpoint, str(version["ApiVersion"]))
    try:
        yield Engine(endpoint, client, version)
    finally:
        client.close()


def _version(endpoint: Endpoint) -> Answer:
    """What the engine says of itself. Asked without a version of the API, since every engine speaks only some."""
    with _errors(endpoint):
        _try_socket(endpoint.host)
    client = _client(endpoint)
    try:
        with _errors(endpoint):
            version: object = client.version(api_version=False)
    finally:
        client.close()
    if not isinstance(version, dict) or not version.get("ApiVersion"):
        raise _no_engine(endpoint)
    return cast("Answer", version)


class Engine:
    """What an engine can be asked. Every answer is the API's JSON; may be asked from several threads at once.

    Raises :class:`NotThereError` for a thing that is not there, :class:`SourceError` when the engine fails.
    """

    def __init__(self, endpoint: Endpoint, client: APIClient, version: Answer) -> None:
        self.endpoint = endpoint
        self.version = version
        self._client = client

    def info(self) -> Answer:
        """The engine as it describes itself."""
        return self._one(self._client.info)

    def containers(self) -> list[Answer]:
        """All containers, in short."""
        return self._many(lambda: self._client.containers(all=True))

    def container(self, name: str) -> Answer:
        """One container in full, by name or id."""
        return self._one(lambda: self._client.inspect_container(name))

    def images(self) -> list[Answer]:
        """All images but intermediate ones, in short."""
        return self._many(self._client.images)

    def image(self, reference: str) -> Answer:
        """One image in full, by reference or id."""
        inspect = cast("Callable[[str], object]", self._client.inspect_image)
        return self._one(lambda: inspect(reference))

    def networks(self) -> list[Answer]:
        """All networks, in short."""
        return self._many(self._client.networks)

    def network(self, name: str) -> Answer:
        """One network in full, by name or id."""
        return self._one(lambda: self._client.inspect_network(name))

    def _one(self, ask: Callable[[], object]) -> Answer:
        with _errors(self.endpoint):
            answer = ask()
        if not isinstance(answer, dict):
            raise _no_engine(self.endpoint)
        return answer

    def _many(self, ask: Callable[[], object]) -> list[Answer]:
        with _errors(self.endpoint):
            answer = ask()
        if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
            raise _no_engine(self.endpoint)
        return answer


def _client(endpoint: Endpoint, version: str | None = None) -> APIClient:
    """A client that has not spoken yet."""
    from docker import APIClient
    from docker.constants import DEFAULT_DOCKER_API_VERSION
    from docker.errors import DockerException

    try:
        client = APIClient(
            base_url=endpoint.host,
            version=version or DEFAULT_DOCKER_API_VERSION,
            timeout=READ_SECONDS,
            tls=_tls(endpoint) or False,
            use_ssh_client=endpoint.host.startswith("ssh://"),
            max_pool_size=REQUESTS,
        )
    except (DockerException, ValueError) as error:
        # What the library says may quote a part of the address, which may be a password.
        said = "its address is malformed" if "@" in endpoint.host else str(error)
        raise _error(endpoint, f"cannot connect to the engine at {endpoint.host}: {said}") from None
    # requests takes a pair, for connecting and for reading; docker's annotations know one number only.
    client.timeout = cast("int", (CONNECT_SECONDS, READ_SECONDS))
    return client


def _tls(endpoint: Endpoint) -> TLSConfig | None:
    from docker.tls import TLSConfig

    if endpoint.certificates is None:
        return None
    files = {name: endpoint.certificates / f"{name}.pem" for name in ("ca", "cert", "key")}
    found = {name: str(path) for name, path in files.items() if path.is_file()}
    pair = (found["cert"], found["key"]) if "cert" in found and "key" in found else None
    return TLSConfig(client_cert=pair, ca_cert=found.get("ca"), verify=endpoint.verify)


def _try_socket(host: str) -> None:
    """Connect to a Unix socket once: docker-py hides the reason of a failure and leaves the socket open."""
    if not host.startswith("unix://"):
        return
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(CONNECT_SECONDS)
        trial.connect("/" + host.removeprefix("unix://").lstrip("/"))


@contextmanager
def _errors(endpoint: Endpoint) -> Iterator[None]:
    """Whatever the Docker SDK raises, as an error that its reader can mend."""
    from docker.errors import APIError, NotFound
    from requests.exceptions import RequestException

    try:
        yield
    except NotFound as error:
        raise NotThereError(concealed(_said(error)), path=_url(endpoint)) from None
    except APIError as error:
        raise _error(endpoint, f"the engine at {endpoint.host} answers: {_said(error)}") from None
    except (RequestException, OSError) as error:
        raise _silence(endpoint, error) from None


def _said(error: object) -> str:
    """An answer in the engine's own words; the first line is enough."""
    explanation = getattr(error, "explanation", None) or str(error)
    return str(explanation).strip().split("\n")[0]


def _silence(endpoint: Endpoint, error: Exception) -> SourceError:
    """Why a request got no answer, by the system's error at the root of the library's."""
    from requests.exceptions import ConnectTimeout, JSONDecodeError, SSLError, Timeout

    host = endpoint.host
    if isinstance(error, SSLError):
        return _error(endpoint, f"TLS with the engine at {host} fails", "check the certificates of the context")
    if isinstance(error, JSONDecodeError):
        return _no_engine(endpoint)
    if isinstance(error, ConnectTimeout | TimeoutError):
        return _error(endpoint, f"the engine at {host} cannot be reached within {CONNECT_SECONDS} s", _START)
    if isinstance(error, Timeout):
        hint = "is it overloaded or stuck? look at its log"
        return _error(endpoint, f"the engine at {host} does not answer within {READ_SECONDS} s", hint)
    root = _root(error)
    if root == errno.EACCES:
        hint = "use sudo, or add yourself to the group docker, which gives root's power over the host"
        return _error(endpoint, f"you may not speak to the engine at {host}: permission denied", hint)
    if root in (errno.ENOENT, errno.ENOTDIR):
        return _error(endpoint, f"no engine runs at {host}: there is no such socket", _START)
    if root == errno.ECONNREFUSED:
        return _error(endpoint, f"no engine runs at {host}: connection refused", _START)
    if root == "name":
        return _error(endpoint, f"the host of {host} is not known", "check DOCKER_HOST, or the context")
    return _error(endpoint, f"the connection to the engine at {host} broke off", "is it still running? try again")


def _root(error: BaseException) -> int | str | None:
    """The number of the system's error that is wrapped in a library's; ``name`` where no address was found."""
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, socket.gaierror):
            return "name"
        if not isinstance(cause, BaseException):
            continue
        if isinstance(cause, OSError) and cause.errno is not None:
            return cause.errno
        waiting += [*cause.args, cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
    return None


def _no_engine(endpoint: Endpoint) -> SourceError:
    return _error(endpoint, f"what answers at {endpoint.host} is no Docker Engine", "check DOCKER_HOST, or the context")


def _url(endpoint: Endpoint) -> str:
    return f"docker://{endpoint.name}"


def _error(endpoint: Endpoint, message: str, hint: str | None = None) -> SourceError:
    host = endpoint.host
    if "@" in host and "://" not in host:  # no address, and still it may hold a password
        message = message.replace(host, f"{MASK}@{host.rpartition('@')[2]}")
    return SourceError(concealed(message), path=_url(endpoint), hint=hint)
