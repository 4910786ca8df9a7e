"""Changes of what a container may use of its host, and of what the engine does when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from policyengine.remediation.docker.answers import mappings, number, text
from policyengine.remediation.docker.draft import Draft, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

_NANO = 1_000_000_000
_MODES = "rwm"


def memory(draft: Draft, value: object) -> None:
    """The limit of memory; that of swap follows where the engine set it: as much again."""
    host, before = draft.host, number(draft.host, "Memory")
    if number(host, "MemorySwap") == 2 * before:
        host["MemorySwap"] = 0
    host["Memory"] = value or 0
    limit = number(host, "Memory")
    if limit and number(host, "MemoryReservation") > limit:
        raise refuse("it would be less than mem_reservation", "change both")
    if 0 < number(host, "MemorySwap") < limit or (not limit and number(host, "MemorySwap") > 0):
        raise refuse("memswap_limit does not allow it", "change both")


def cores(draft: Draft, value: object) -> None:
    """The limit of CPU, which is a number of cores or a quota of a period: not both."""
    draft.host.update(CpuPeriod=0, CpuQuota=0, NanoCpus=round(cast("float", value) * _NANO) if value else 0)


def restart(draft: Draft, value: object) -> None:
    """``no``, ``always``, ``unless-stopped`` or ``on-failure[:n]``."""
    name, _, attempts = str(value or "no").partition(":")
    if attempts and not (attempts.isascii() and attempts.isdigit()):
        raise refuse(f'"{attempts}" is no number of attempts')
    draft.host["RestartPolicy"] = {"Name": name, "MaximumRetryCount": int(attempts or 0)}


def ulimits(draft: Draft, value: object) -> None:
    """Resource limits by name."""
    limits = cast("Mapping[str, Mapping[str, object]]", value or {})
    found = []
    for name, limit in limits.items():
        soft, hard = limit.get("soft"), limit.get("hard")
        found.append({"Name": name, "Soft": hard if soft is None else soft, "Hard": soft if hard is None else hard})
    draft.host["Ulimits"] = found or None


def devices(draft: Draft, value: object) -> None:
    """Devices of the host, ``HOST[:CONTAINER][:rwm]``; those that stay are asked for as before."""
    raw = {_spelt(device): device for device in mappings(draft.host, "Devices")}
    draft.host["Devices"] = [raw.get(item) or _device(item) for item in map(str, _listed(value))] or None


def _spelt(device: Mapping[str, object]) -> str:
    parts = (text(device, key) for key in ("PathOnHost", "PathInContainer", "CgroupPermissions"))
    return ":".join(part for part in parts if part)


def _device(item: str) -> dict[str, object]:
    """A device as the ``docker`` command reads it: https://docs.docker.com/reference/cli/docker/container/run/#device."""
    path, *rest = item.split(":")
    modes = rest.pop() if rest and rest[-1] and set(rest[-1]) <= set(_MODES) else _MODES
    return {"PathOnHost": path, "PathInContainer": rest[0] if rest else path, "CgroupPermissions": modes}


def gpus(draft: Draft, value: object) -> None:
    """What device drivers are asked for; requests that stay keep their options."""
    before, raw = _listed(draft.facts.get("gpus")), mappings(draft.host, "DeviceRequests")
    found: list[object] = []
    for item in _listed(value):
        same = [request for gpu, request in zip(before, raw, strict=False) if gpu == item]
        found.append(same[0] if same else _request(cast("Mapping[str, object]", item)))
    draft.host["DeviceRequests"] = found or None


def _request(gpu: Mapping[str, object]) -> dict[str, object]:
    count = gpu.get("count")
    if count is None:
        count = 0 if gpu.get("device_ids") else -1
    return {
        "Driver": gpu.get("driver") or "",
        "Count": -1 if count == "all" else int(str(count)),
        "DeviceIDs": gpu.get("device_ids"),
        "Capabilities": [gpu.get("capabilities") or ["gpu"]],
        "Options": {},
    }


def logging(draft: Draft, value: object) -> None:
    """The driver and its options; the engine's own driver where none is said."""
    wanted = value if isinstance(value, dict) else {}
    draft.host["LogConfig"] = {"Type": wanted.get("driver") or "", "Config": wanted.get("options") or {}}


def extra_hosts(draft: Draft, value: object) -> None:
    """Lines for /etc/hosts, HOST=ADDRESS; those that stay are spelt as before."""
    before = map(str, _listed(draft.facts.get("extra_hosts")))
    raw = dict(zip(before, _listed(draft.host.get("ExtraHosts")), strict=False))
    found = [raw.get(item) or item.replace("=", ":", 1) for item in map(str, _listed(value))]
    draft.host["ExtraHosts"] = found or None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
