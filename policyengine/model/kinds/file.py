"""Files of a system that decide on who may log in, or show how: their owners and modes."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, Field, Kind, one_of

ROLES = {
    "accounts": "lists of users and groups, and their backups: /etc/passwd, /etc/group-",
    "password_hashes": "hashes of passwords, and their backups: /etc/shadow, /etc/gshadow-",
    "old_passwords": "hashes of former passwords: /etc/security/opasswd",
    "login_settings": "how accounts are made and who may log in where: /etc/login.defs, /etc/shells, /etc/securetty",
    "login_banner": "what is shown before or after somebody logs in: /etc/issue, /etc/issue.net, /etc/motd",
    "login_records": "who has logged in, or tried to: /var/log/wtmp, /var/log/btmp, /var/log/lastlog",
    "pam": "what PAM asks for: /etc/pam.d and its files, /etc/security/*.conf",
    "sudoers": "who may run what as whom: /etc/sudoers and the files in /etc/sudoers.d",
    "sudoers_directory": "the directory /etc/sudoers.d",
    "privileged_program": "programs that give the rights of another user: sudo, su, pkexec",
    "sshd_config": "what configures the server of SSH: /etc/ssh/sshd_config and the files in sshd_config.d",
    "sshd_config_directory": "the directory /etc/ssh/sshd_config.d",
    "ssh_config": "what configures clients of SSH: /etc/ssh/ssh_config and the files in ssh_config.d",
    "ssh_host_private_key": "private keys of the host: /etc/ssh/*_key",
    "ssh_host_public_key": "public keys of the host: /etc/ssh/*.pub",
    "ssh_user_directory": "the directory .ssh in the home of a user of /etc/passwd",
    "ssh_user_private_key": "private keys there: .ssh/id_*",
    "authorized_keys": "keys that may log in as the user: .ssh/authorized_keys",
    "cron": "what is run at its time: /etc/crontab and the files in /etc/cron.d",
    "cron_directory": "the directories /etc/cron.d, cron.hourly, cron.daily, cron.weekly, cron.monthly",
    "cron_access": "who may have something run at its time: cron.allow, cron.deny, at.allow, at.deny",
    "firewall": "rules of a firewall: /etc/nftables.conf, /etc/iptables/rules.v4",
    "firewall_directory": "the directories /etc/nftables and /etc/iptables",
    "boot_loader": "what is booted, and the password for it: /boot/grub/grub.cfg, /boot/grub2/user.cfg",
    "docker_socket": "sockets that give the rights of root: /run/docker.sock, /run/containerd/containerd.sock",
    "docker_settings": "what configures Docker: /etc/docker/daemon.json, /etc/default/docker, units of systemd",
    "docker_directory": "the directory /etc/docker",
    "docker_certificate": "certificates of registries and of Docker: /etc/docker/certs.d, /etc/docker/ca.pem",
    "docker_key": "the private keys of these: /etc/docker/certs.d/*/client.key, /etc/docker/server-key.pem",
    "kubernetes_settings": "manifests and settings of Kubernetes' own components: /etc/kubernetes/manifests",
    "kubernetes_credentials": "kubeconfig files and private keys: /etc/kubernetes/admin.conf, pki/*.key",
}
"""What files are for, each with examples."""

KIND = Kind(
    "file",
    "A file or directory of a system that decides on who may log in, or shows how; one that is not there is none",
    {
        "name": Field(STRING, "its path in the system: /etc/shadow"),
        "role": Field(
            one_of(*ROLES), "what it is for: pam for /etc/pam.d/login, ssh_host_private_key for /etc/ssh/*_key"
        ),
        "leads_to": Field(STRING, "where its symbolic links lead, in the same system; absent: it is no link"),
        "type": Field(one_of("file", "directory", "special"), "special: a socket, a device or a FIFO"),
        "mode": Field(STRING, "the permission bits, four octal digits: 0640; of what a link leads to"),
        "uid": Field(INTEGER, "the number of its owner"),
        "gid": Field(INTEGER, "the number of its group"),
        "owner": Field(
            STRING, "the owner's name in the system's /etc/passwd, root for 0; the number where it has none"
        ),
        "group": Field(STRING, "the group's name in the system's /etc/group, root for 0; the number where it has none"),
        "group_writable": Field(BOOLEAN, "whether its group may write to it"),
        "others_writable": Field(BOOLEAN, "whether everybody may write to it"),
        "others_readable": Field(BOOLEAN, "whether everybody may read it"),
        "user": Field(STRING, "the user in whose home it lies; absent: it is the system's"),
        "user_owned": Field(BOOLEAN, "whether that user, or root, owns it; absent: it is the system's"),
    },
)
