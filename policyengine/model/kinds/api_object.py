"""Objects of Kubernetes' own APIs, whatever their kind."""

from policyengine.model.types import BOOLEAN, LABELS, STRING, Field, Kind

KIND = Kind(
    "api_object",
    "Any object of Kubernetes' own APIs, by the API that it is written for",
    {
        "name": Field(STRING, "metadata.name"),
        "namespace": Field(
            STRING, "metadata.namespace, or the one that a kustomization beside it gives; absent where none is written"
        ),
        "labels": Field(LABELS, "metadata.labels, those that are texts"),
        "api_version": Field(STRING, "apiVersion: apps/v1, ..."),
        "object_kind": Field(STRING, "kind: Deployment, ..."),
        "namespaced": Field(BOOLEAN, "objects of its kind are in a namespace, as far as the kind is known"),
        "deprecated_in": Field(STRING, "the first release of Kubernetes that deprecates the API: 1.19"),
        "removed_in": Field(STRING, "the first release of Kubernetes without the API: 1.22"),
        "replacement": Field(STRING, "the apiVersion, and the kind where it is another, that takes its place"),
    },
)
