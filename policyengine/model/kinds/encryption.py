"""EncryptionConfigurations: how a Kubernetes API server encrypts what it stores."""

from policyengine.model.types import STRING, STRINGS, Field, Kind, list_of, object_of

_RESOURCE = object_of(
    resources=Field(STRINGS, "what it is about: secrets, configmaps, *.apps, *.*"),
    providers=Field(STRINGS, "aescbc, aesgcm, secretbox, kms or identity; what is written is encrypted by the first"),
    first=Field(STRING, "the first provider"),
)

KIND = Kind(
    "encryption",
    "A file that says how a Kubernetes API server encrypts what it stores (EncryptionConfiguration)",
    {
        "name": Field(STRING, "EncryptionConfiguration: such files have no name"),
        "resources": Field(list_of(_RESOURCE), "the providers, by what they encrypt"),
    },
)
