"""Ingresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.parts import Listed, Part, Parts, listed, put_part
from policyengine.model.kinds.ingress import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


_CLASS = "kubernetes.io/ingress.class"
_UNSETTLED = Unknown("ingress.tls", "its hosts cannot be read")


def ingress_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of an Ingress. Versions before v1 call the default backend ``backend``."""
    made, spec = draft(manifest, KIND), manifest.node.required("spec")
    covered = _covered(spec["tls"])
    rules = [(rule, rule["host"].text()) for rule in spec["rules"].items()]
    hosts = [host.value for _, host in rules if host.value is not None]
    put(made.facts, "ingress_class", _class(spec, made.about.annotations))
    put(made.facts, "hosts", Found(_once(hosts) or None, spec["rules"].at))
    put_part(made.facts, "tls", listed(spec["tls"], _tls))
    put_part(made.facts, "snippets", _snippets(made.about.annotations))
    if covered or not made.partial:
        put(made.facts, "plain_hosts", _plain(hosts, covered, spec, made.about.annotations))
    paths = [path for rule, host in rules for path in _paths(rule, host, covered)]
    put_part(made.facts, "paths", Listed(spec["rules"].at, paths) if paths else Found(None, spec["rules"].at))
    backend = spec["defaultBackend" if spec["defaultBackend"].written else "backend"].mapping()
    put_part(made.facts, "default_backend", _default_backend(backend))
    yield made.resource()


def _once(hosts: list[object]) -> list[object]:
    """Each host once, in their order."""
    return list({str(host): host for host in hosts}.values())


def _default_backend(backend: Node) -> Part:
    if not isinstance(backend.value, dict):
        return Found(backend.value, backend.at)
    return Parts(backend.at, _backend(backend))


def _class(spec: Node, annotations: Found) -> Found:
    """The class. The annotation came before the field, and controllers still heed it."""
    written = spec["ingressClassName"].text()
    annotated = annotations.value.get(_CLASS) if isinstance(annotations.value, dict) else None
    return written.or_else(Found(annotated, (*annotations.at, _CLASS)))


def _tls(tls: Node) -> Parts:
    return Parts(tls.at, {"hosts": tls["hosts"].texts(), "secret_name": tls["secretName"].text()})


def _covered(tls: Node) -> list[object]:
    """The hosts with TLS; ``*`` for an entry without hosts, which is for all that the controller serves."""
    if not isinstance(tls.value, list):
        return [_UNSETTLED] if tls.written else []
    hosts: list[object] = []
    for item in tls.value:
        written = item.get("hosts") if isinstance(item, dict) else _UNSETTLED
        hosts += written if isinstance(written, list) and written else ["*" if not written else _UNSETTLED]
    return hosts


def _snippets(annotations: Found) -> Part:
    keys = [key for key in annotations.value if _SNIPPET(key)] if isinstance(annotations.value, dict) else []
    found: list[Part] = [Found(key, (*annotations.at, key)) for key in keys]
    return Listed(annotations.at, found) if found else Found(None, annotations.at)


_SNIPPET = re.compile(r"nginx\.ingress\.kubernetes\.io/[a-z-]+-snippet|nginx\.org/[a-z-]+-snippets").fullmatch

_TLS_BY = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "haproxy.org/ssl-passthrough",
    "traefik.ingress.kubernetes.io/router.tls",
)
"""Annotations that give all hosts TLS: the certificate is the cloud's, or the Service's own."""


def _plain(hosts: list[object], covered: list[object], spec: Node, annotations: Found) -> Found:
    """The hosts without TLS. A rule without a host is served with any certificate there is."""
    written = annotations.value if isinstance(annotations.value, dict) else {}
    if any(written.get(key, "false") != "false" for key in _TLS_BY):
        return Found([], spec["rules"].at)
    if not covered:
        return Found(["*"], spec.at)
    plain = {host: _is_covered(host, covered) for host in hosts if isinstance(host, str)}
    unsettled = [found for found in plain.values() if isinstance(found, Unknown)]
    return Found(unsettled[0] if unsettled else [host for host, found in plain.items() if not found], spec["rules"].at)


def _paths(rule: Node, host: Found, covered: list[object]) -> list[Part]:
    around = {"host": host, "tls": Found(_is_covered(host.value, covered), rule.at)}
    paths = rule["http"].mapping()["paths"]
    if not paths.written:
        return [Parts(rule.at, around)]
    return [Parts(path.at, {**around, **_path(path)}) for path in paths.items()]


def _path(path: Node) -> dict[str, Found]:
    backend = path["backend"].mapping()
    return {"path": path["path"].text(), "path_type": path["pathType"].text(), **_backend(backend)}


def _backend(backend: Node) -> dict[str, Found]:
    """The Service and its port, in the words of v1 or of the versions before it."""
    service = backend["service"].mapping()
    port = service["port"].mapping()
    name = service["name"].text().or_else(backend["serviceName"].text())
    number = port["number"].text().or_else(port["name"].text())
    return {"service": name, "port": number.or_else(backend["servicePort"].text())}


def _is_covered(host: object, covered: list[object]) -> object:
    if isinstance(host, Unknown):
        return host
    if "*" in covered or (isinstance(host, str) and (host in covered or _wildcard(host) in covered)):
        return True
    return _UNSETTLED if _UNSETTLED in covered else False


def _wildcard(host: str) -> str:
    return f"*.{host.partition('.')[2]}"
