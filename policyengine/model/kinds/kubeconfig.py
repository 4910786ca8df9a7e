"""Kubeconfig files: which clusters kubectl speaks with, and as whom."""

from policyengine.model.types import BOOLEAN, STRING, Field, Kind, list_of, object_of

_CLUSTER = object_of(
    name=Field(STRING, "the cluster's name in the file"),
    server=Field(STRING, "server: the address of the API server"),
    insecure_skip_tls_verify=Field(
        BOOLEAN, "insecure-skip-tls-verify: the server's certificate is not verified; false where it is not written"
    ),
    certificate_authority=Field(
        BOOLEAN, "certificate-authority or certificate-authority-data: the authority that must have signed it is given"
    ),
)

_USER = object_of(
    name=Field(STRING, "the user's name in the file"),
    password=Field(BOOLEAN, "a password is in the file"),
    token=Field(BOOLEAN, "a token is in the file"),
    token_file=Field(STRING, "tokenFile: the file that the token is read from"),
    client_certificate=Field(BOOLEAN, "client-certificate or client-certificate-data: it proves who it is by that"),
    client_key=Field(BOOLEAN, "client-key-data: the private key is in the file"),
    command=Field(STRING, "exec.command: the program that gets the credentials"),
    auth_provider=Field(STRING, "auth-provider.name: what got them before Kubernetes 1.26"),
)

KIND = Kind(
    "kubeconfig",
    "A kubeconfig file: which clusters a client speaks with, and how it proves who it is; no credential itself",
    {
        "name": Field(STRING, "current-context, or kubeconfig where none is chosen"),
        "clusters": Field(list_of(_CLUSTER), "the clusters"),
        "users": Field(list_of(_USER), "the users"),
    },
)
