"""Users' docker clients."""

from policyengine.model.types import BOOLEAN, LABELS, STRING, STRINGS, Field, Kind, list_of, object_of

KIND = Kind(
    "docker_client",
    "A user's docker client: config.json, contexts, and the variables that are set for it",
    {
        "name": Field(STRING, "the root that it is in"),
        "home": Field(STRING, "the home directory"),
        "credentials_store": Field(STRING, "the helper that keeps credentials; absent: the file does"),
        "credential_helpers": Field(LABELS, "the helpers of registries that have their own"),
        "plain_credentials": Field(STRINGS, "the registries whose credentials stand in config.json, in base64"),
        "http_headers": Field(STRINGS, "the names of headers that are sent to the engine"),
        "proxies": Field(LABELS, "the proxies that containers are given: default.httpProxy", sensitive=True),
        "current_context": Field(STRING, "the context that is used; absent: the default one"),
        "mode": Field(STRING, "the permission bits of config.json, octal: 0600"),
        "contexts": Field(
            list_of(
                object_of(
                    name=Field(STRING, "its name"),
                    host=Field(STRING, "the engine: unix:///var/run/docker.sock, ssh://..., tcp://..."),
                    tls=Field(BOOLEAN, "it has a certificate of the client, or an authority of its own"),
                    skip_tls_verify=Field(BOOLEAN, "the engine's certificate is not verified"),
                )
            ),
            "the contexts",
        ),
        "host": Field(
            STRING,
            "the engine that is spoken to without a context: DOCKER_HOST as it is set for all, or in the user's files",
        ),
        "tls_verify": Field(BOOLEAN, "DOCKER_TLS_VERIFY is set there"),
        "content_trust": Field(BOOLEAN, "DOCKER_CONTENT_TRUST is set there, and to 1"),
    },
)
