"""The keys of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.inputs.compose.node import Node
    from policyengine.model.location import Location

_KEYS = """
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name
    cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec
    depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file
    environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc
    isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit
    models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop
    privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt
    shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user
    userns_mode uts volumes volumes_from working_dir
    dockerfile log_driver log_opt net volume_driver
"""

SERVICE_KEYS = frozenset(_KEYS.split())
"""What the Compose Specification knows of a service (05-services.md and the JSON schema beside it).

The last line is of formats 1 and 2, which Compose no longer reads.
"""


def report_misspelt(services: Iterable[Node]) -> None:
    """Report, once, keys of services that are nearly known ones: what they mean to say is not judged."""
    told: set[Location] = set()
    for node in services:
        for key in node.keys:
            hint = None if key in SERVICE_KEYS or key.startswith("x-") else did_you_mean(key, SERVICE_KEYS)
            if hint:
                # A step below the key that is not there: the place of the key.
                location = node.document.locate((*node.at, key, key))
                if location not in told:
                    told.add(location)
                    node.context.problem(f'unknown service key "{key}" ({hint})', location)
