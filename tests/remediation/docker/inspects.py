"""Answers of an engine for tests that need none."""

from __future__ import annotations

from typing import Any

Answer = dict[str, Any]
ID = "0123456789abcdef" * 4


def container(name: str = "web", id_: str = ID, **parts: Any) -> Answer:
    """``/containers/NAME/json`` with the parts that are not usual."""
    config, host = parts.pop("Config", {}), parts.pop("HostConfig", {})
    return {
        "Id": id_,
        "Name": f"/{name}",
        "Image": "sha256:" + "1" * 64,
        "Platform": "linux",
        "State": {"Status": "running", "Running": True, "Paused": False},
        "Mounts": [],
        "NetworkSettings": {"Networks": {"bridge": {"IPAMConfig": None, "Aliases": None, "IPAddress": "172.17.0.2"}}},
        **parts,
        "Config": {"Image": "app:1", "Hostname": id_[:12], "Env": [], "Labels": {}, **config},
        "HostConfig": {"NetworkMode": "default", "RestartPolicy": {"Name": "", "MaximumRetryCount": 0}, **host},
    }


def image(**config: Any) -> Answer:
    """``/images/NAME/json``."""
    return {"Id": "sha256:" + "1" * 64, "RepoTags": ["app:1"], "Config": config}
