"""Kubernetes Ingresses."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import BOOLEAN, STRING, STRINGS, Field, Kind, list_of, object_of

_BACKEND = {
    "service": Field(STRING, "the Service that gets the traffic; absent for another resource"),
    "port": Field(STRING, "number or name of the Service's port"),
    "service_exists": Field(BOOLEAN, "the Service is there; unknown where not all of the namespace was given"),
    "port_exists": Field(BOOLEAN, "the Service has the port; absent where the Service or its ports are not known"),
}

_TLS = object_of(
    hosts=Field(STRINGS, "the hosts that the certificate is for"),
    secret_name=Field(STRING, "the Secret with the certificate; absent where the controller has its own"),
)

_PATH = object_of(
    host=Field(STRING, "the host, which may begin with *.; absent for all"),
    path=Field(STRING, "the path"),
    path_type=Field(STRING, "Exact, Prefix or ImplementationSpecific"),
    tls=Field(BOOLEAN, "an entry of tls is for the host"),
    **_BACKEND,
)

KIND = Kind(
    "ingress",
    "A Kubernetes Ingress",
    {
        **METADATA,
        "ingress_class": Field(STRING, "ingressClassName, or the annotation kubernetes.io/ingress.class before it"),
        "hosts": Field(STRINGS, "the hosts of its rules, each once"),
        "tls": Field(list_of(_TLS), "the certificates; absent where it has none"),
        "plain_hosts": Field(
            STRINGS,
            "the hosts of rules that no entry of tls is for; * for all where there is no TLS. An annotation may give "
            "TLS too, as clouds' controllers have it",
        ),
        "snippets": Field(STRINGS, "the annotations that bring configuration of NGINX along: ...-snippet"),
        "paths": Field(list_of(_PATH), "every path of every rule; a rule without paths has one entry"),
        "default_backend": Field(object_of(**_BACKEND), "what gets the traffic that no rule matches"),
    },
)
