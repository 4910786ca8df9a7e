"""Secrets for tests, drawn from nowhere: none of them opens anything."""

from __future__ import annotations

import base64

BODY = base64.b64encode(bytes(range(96))).decode()


def pem(form: str, body: str = BODY, head: str = "") -> str:
    """A private key in PEM."""
    label = f"{form} PRIVATE KEY".strip()
    return f"-----BEGIN {label}-----\n{head}{body}\n-----END {label}-----\n"


def openssh(cipher: str) -> str:
    """A private key in OpenSSH's own form."""
    name = cipher.encode()
    data = b"openssh-key-v1\0" + len(name).to_bytes(4) + name + bytes(120)
    return pem("OPENSSH", base64.b64encode(data).decode())


GITHUB = "ghp_" + "aB3dE5fG7hI9jK1lM2nO4pQ6rS8tU0vW2xY4"
