"""The files of a system that decide on who may log in, or show how.

The paths are those of the packages of Debian, Red Hat and SUSE; sources are the FILES sections of their man pages:
passwd(5), shadow(5), pam_pwhistory(8), issue(5), motd(5), sudoers(5), sshd_config(5), crontab(1), at.allow(5),
nft(8), and the file lists of CIS Docker 1.7 (section 3) and CIS Kubernetes 1.10 (sections 1.1 and 4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM: Mapping[str, tuple[str, ...]] = {
    "accounts": ("/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/sub[ug]id", "/etc/sub[ug]id-"),
    "password_hashes": ("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"),
    "old_passwords": ("/etc/security/opasswd", "/etc/security/opasswd.old"),
    "login_settings": (
        *("/etc/login.defs", "/etc/default/useradd", "/etc/adduser.conf", "/etc/shells", "/etc/securetty"),
        *("/etc/nsswitch.conf", "/etc/hosts.equiv", "/etc/shosts.equiv", "/etc/profile", "/etc/bash.bashrc"),
        *("/etc/bashrc", "/etc/csh.cshrc", "/etc/csh.login", "/etc/profile.d/*"),
    ),
    "login_banner": ("/etc/issue", "/etc/issue.net", "/etc/issue.d/*", "/etc/motd", "/etc/motd.d/*"),
    "login_records": ("/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/log/faillog"),
    "pam": ("/etc/pam.conf", "/etc/pam.d", "/etc/pam.d/*", "/etc/security/*.conf"),
    "sudoers": ("/etc/sudoers", "/etc/sudoers.d/*"),
    "sudoers_directory": ("/etc/sudoers.d",),
    "privileged_program": ("/usr/bin/sudo", "/usr/bin/su", "/usr/bin/pkexec"),
    "sshd_config": ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*"),
    "sshd_config_directory": ("/etc/ssh/sshd_config.d",),
    "ssh_config": ("/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d/*"),
    "ssh_host_private_key": ("/etc/ssh/*_key",),
    "ssh_host_public_key": ("/etc/ssh/*.pub",),
    "cron": ("/etc/crontab", "/etc/cron.d/*"),
    "cron_directory": ("/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly"),
    "cron_access": ("/etc/cron.allow", "/etc/cron.deny", "/etc/at.allow", "/etc/at.deny"),
    "firewall": ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf", "/etc/nftables/*", "/etc/iptables/*"),
    "firewall_directory": ("/etc/nftables", "/etc/iptables"),
    "boot_loader": ("/boot/grub*/grub.cfg", "/boot/grub*/user.cfg", "/boot/grub*/grubenv"),
    "docker_socket": ("/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock"),
    "docker_settings": (
        *("/etc/docker/daemon.json", "/etc/default/docker", "/etc/sysconfig/docker"),
        *("/etc/systemd/system/docker.s*", "/usr/lib/systemd/system/docker.s*"),
    ),
    "docker_directory": ("/etc/docker",),
    "docker_certificate": (
        *("/etc/docker/certs.d/*/*.crt", "/etc/docker/certs.d/*/*.cert"),
        *("/etc/docker/ca.pem", "/etc/docker/*cert.pem"),
    ),
    "docker_key": ("/etc/docker/certs.d/*/*.key", "/etc/docker/*key.pem"),
    "kubernetes_credentials": ("/etc/kubernetes/*.conf", "/etc/kubernetes/pki/*.key", "/etc/kubernetes/pki/etcd/*.key"),
    "kubernetes_settings": ("/etc/kubernetes/manifests/*", "/var/lib/kubelet/config.yaml"),
}
"""Paths of the system by what they are for, as patterns of glob(7)."""

HOME: Mapping[str, tuple[str, ...]] = {
    "ssh_user_directory": (".ssh",),
    "authorized_keys": (".ssh/authorized_keys", ".ssh/authorized_keys2"),
    "ssh_user_private_key": (".ssh/id_*",),
}
"""Paths below the homes of users. What ends in .pub is no private key."""
