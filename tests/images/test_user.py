from __future__ import annotations

import pytest

from policyengine.images.user import is_root, named_unprivileged

USERS = [
    ("", True),
    ("root", True),
    ("0", True),
    ("00", True),
    ("+0", True),
    ("-0", True),
    ("0:0", True),
    ("0:1000", True),
    ("root:app", True),
    (":app", True),
    (" root ", True),
    ("0" * 5000, True),
    ("1000", False),
    ("1000:0", False),
    ("10", False),
    ("app", False),
    ("app:root", False),
    ("Root", False),
    ("0x0", False),
    ("rootless", False),
    ("²", False),
    ("9" * 5000, False),
]


@pytest.mark.parametrize(("user", "expected"), USERS, ids=lambda value: repr(value)[:20])
def test_is_root(user: str, expected: bool) -> None:
    assert is_root(user) is expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("gcr.io/distroless/static:nonroot", True),
        ("gcr.io/distroless/static-debian12:debug-nonroot", True),
        ("gcr.io/distroless/static", False),
        ("nginxinc/nginx-unprivileged:1.27", True),
        ("moby/buildkit:rootless", True),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled-extra", True),
        ("mcr.microsoft.com/dotnet/runtime:8.0-azurelinux3.0-distroless-amd64", True),
        ("mcr.microsoft.com/dotnet/runtime:8.0", False),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", True),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", False),
        ("cgr.dev/chainguard/python:latest", True),
        ("alpine:3.22", False),
        ("example.com/grassroot:1", False),
    ],
)
def test_named_unprivileged(reference: str, expected: bool) -> None:
    assert named_unprivileged(reference) is expected
