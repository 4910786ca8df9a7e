"""Servers of SSH: what their sshd_config comes to. The words are those of sshd_config(5)."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, map_of, object_of, one_of

FORWARDING = one_of("yes", "no", "local", "remote")
LEVELS = one_of("SILENT", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG2", "DEBUG3")

CONDITIONAL = {
    "accept_env": Field(STRINGS, "variables of the client that are set, as patterns"),
    "allow_agent_forwarding": Field(BOOLEAN, "whether agents may be forwarded"),
    "allow_groups": Field(STRINGS, "patterns of the groups whose members may log in; absent: all"),
    "allow_stream_local_forwarding": Field(FORWARDING, "which UNIX sockets may be forwarded"),
    "allow_tcp_forwarding": Field(FORWARDING, "which TCP connections may be forwarded"),
    "allow_users": Field(STRINGS, "patterns of the users, or users and hosts, who may log in; absent: all"),
    "authentication_methods": Field(STRINGS, "lists of methods of which one must be completed; any"),
    "authorized_keys_command": Field(STRING, "the command that tells a user's keys; none"),
    "authorized_keys_command_user": Field(STRING, "whom it runs as; none"),
    "authorized_keys_file": Field(STRINGS, "the files of a user's keys"),
    "authorized_principals_command": Field(STRING, "the command that tells a user's principals; none"),
    "authorized_principals_command_user": Field(STRING, "whom it runs as; none"),
    "authorized_principals_file": Field(STRING, "the file of a user's principals; none"),
    "banner": Field(STRING, "the file that is shown before anybody logs in; none"),
    "ca_signature_algorithms": Field(STRINGS, "algorithms that certificates may be signed with"),
    "channel_timeout": Field(STRINGS, "after which time channels that are idle are closed, by type; absent: never"),
    "chroot_directory": Field(STRING, "the directory that sessions are confined to; none"),
    "client_alive_count_max": Field(INTEGER, "how many messages may stay unanswered before a client is disconnected"),
    "client_alive_interval": Field(INTEGER, "after how many seconds of silence a client is asked to answer; 0: never"),
    "deny_groups": Field(STRINGS, "patterns of the groups whose members may not log in"),
    "deny_users": Field(STRINGS, "patterns of the users who may not log in"),
    "disable_forwarding": Field(BOOLEAN, "whether all forwarding is off, whatever else is set"),
    "expose_auth_info": Field(BOOLEAN, "whether a session is told how it was authenticated"),
    "force_command": Field(STRING, "the command that is run whatever the client asks for; none"),
    "gateway_ports": Field(one_of("yes", "no", "clientspecified"), "whether forwarded ports are open to other hosts"),
    "gssapi_authentication": Field(BOOLEAN, "whether GSSAPI may be used to log in"),
    "hostbased_accepted_algorithms": Field(STRINGS, "algorithms of keys for host-based authentication"),
    "hostbased_authentication": Field(BOOLEAN, "whether a client's host may vouch for its user"),
    "hostbased_uses_name_from_packet_only": Field(BOOLEAN, "whether the client's own word for its name is taken"),
    "ignore_rhosts": Field(one_of("yes", "no", "shosts-only"), "whether users' .rhosts and .shosts are ignored"),
    "ip_qos": Field(STRINGS, "types of service: for interactive sessions, and for all others"),
    "kbd_interactive_authentication": Field(BOOLEAN, "whether questions, as PAM asks them, may be used to log in"),
    "kerberos_authentication": Field(BOOLEAN, "whether a password may be verified by Kerberos"),
    "log_level": Field(LEVELS, "how much is logged"),
    "log_verbose": Field(STRINGS, "places of the source that log all; absent: none"),
    "max_auth_tries": Field(INTEGER, "how often a connection may try to authenticate"),
    "max_sessions": Field(INTEGER, "how many sessions a connection may have"),
    "password_authentication": Field(BOOLEAN, "whether passwords may be used to log in"),
    "permit_empty_passwords": Field(BOOLEAN, "whether an empty password will do"),
    "permit_listen": Field(STRINGS, "addresses and ports that may be listened at for clients; any, none"),
    "permit_open": Field(STRINGS, "hosts and ports that may be forwarded to; any, none"),
    "permit_root_login": Field(
        one_of("yes", "no", "without-password", "forced-commands-only"),
        "whether root may log in; without-password is another word for prohibit-password",
    ),
    "permit_tty": Field(BOOLEAN, "whether there may be a terminal"),
    "permit_tunnel": Field(one_of("yes", "no", "point-to-point", "ethernet"), "which tun devices may be forwarded"),
    "permit_user_rc": Field(BOOLEAN, "whether ~/.ssh/rc is run"),
    "pubkey_accepted_algorithms": Field(STRINGS, "algorithms of keys that may be used to log in"),
    "pubkey_auth_options": Field(STRINGS, "what is demanded of FIDO keys: touch-required, verify-required; none"),
    "pubkey_authentication": Field(BOOLEAN, "whether keys may be used to log in"),
    "rekey_interval": Field(INTEGER, "after how many seconds keys are renewed; 0: by the amount of data only"),
    "rekey_limit": Field(INTEGER, "after how many bytes keys are renewed; 0: as the cipher demands"),
    "required_rsa_size": Field(INTEGER, "the least bits of an RSA key"),
    "revoked_keys": Field(STRING, "the file of keys that are not accepted; none"),
    "set_env": Field(STRINGS, "variables that sessions have: NAME=value"),
    "stream_local_bind_mask": Field(STRING, "the mask of the mode of forwarded sockets, octal"),
    "stream_local_bind_unlink": Field(BOOLEAN, "whether a socket that is there is removed"),
    "trusted_user_ca_keys": Field(STRING, "the file of keys whose certificates are accepted; none"),
    "unused_connection_timeout": Field(INTEGER, "after how many seconds without a channel clients go; 0: never"),
    "x11_display_offset": Field(INTEGER, "the first display that is forwarded"),
    "x11_forwarding": Field(BOOLEAN, "whether X11 may be forwarded"),
    "x11_use_localhost": Field(BOOLEAN, "whether forwarded displays are for the host itself only"),
}
"""What a Match block can change."""

GLOBAL = {
    "address_family": Field(one_of("any", "inet", "inet6"), "the addresses that are listened at"),
    "ciphers": Field(STRINGS, "ciphers, the preferred first"),
    "compression": Field(BOOLEAN, "whether data may be compressed, once a user is authenticated"),
    "debian_banner": Field(BOOLEAN, "whether Debian's version of the package is told to everyone"),
    "fingerprint_hash": Field(one_of("MD5", "SHA1", "SHA256", "SHA384", "SHA512"), "what fingerprints are logged by"),
    "gssapi_cleanup_credentials": Field(BOOLEAN, "whether credentials are destroyed when a user logs out"),
    "gssapi_kex_algorithms": Field(STRINGS, "key exchanges of GSSAPI"),
    "gssapi_key_exchange": Field(BOOLEAN, "whether GSSAPI may be used to exchange keys"),
    "gssapi_store_credentials_on_rekey": Field(BOOLEAN, "whether renewed credentials are stored"),
    "gssapi_strict_acceptor_check": Field(BOOLEAN, "whether only the host's own name is accepted"),
    "host_certificate": Field(STRINGS, "files of certificates of the host"),
    "host_key": Field(STRINGS, "files of keys of the host"),
    "host_key_agent": Field(STRING, "the socket of an agent that has the host's keys; none"),
    "host_key_algorithms": Field(STRINGS, "algorithms of keys of the host that are offered"),
    "ignore_user_known_hosts": Field(BOOLEAN, "whether users' known_hosts are ignored for host-based authentication"),
    "kerberos_or_local_passwd": Field(BOOLEAN, "whether a password that Kerberos refuses is tried locally"),
    "kerberos_ticket_cleanup": Field(BOOLEAN, "whether tickets are destroyed when a user logs out"),
    "kex_algorithms": Field(STRINGS, "key exchanges, the preferred first"),
    "listen_address": Field(STRINGS, "addresses and ports that are listened at"),
    "login_grace_time": Field(INTEGER, "how many seconds there are to log in; 0: any number"),
    "macs": Field(STRINGS, "message authentication codes, the preferred first"),
    "max_startups": Field(
        object_of(
            begin=Field(INTEGER, "from how many on some are turned away"),
            rate=Field(INTEGER, "how many of 100 at first"),
            full=Field(INTEGER, "from how many on all are"),
        ),
        "how many connections may be logging in",
    ),
    "moduli_file": Field(STRING, "the file of Diffie-Hellman groups"),
    "per_source_max_startups": Field(INTEGER, "how many connections of one source may be logging in; absent: any"),
    "per_source_net_block_size": Field(STRING, "how many bits of an IPv4 and an IPv6 address make a source: 32:128"),
    "permit_user_environment": Field(STRING, "whether ~/.ssh/environment is read: yes, no, or patterns of variables"),
    "pid_file": Field(STRING, "the file of the process's number; none"),
    "port": Field(list_of(INTEGER), "ports that are listened at"),
    "print_last_log": Field(BOOLEAN, "whether users are told when they logged in last"),
    "print_motd": Field(BOOLEAN, "whether /etc/motd is shown"),
    "security_key_provider": Field(STRING, "the library for FIDO keys; internal"),
    "strict_modes": Field(BOOLEAN, "whether the modes of users' files are checked before they log in"),
    "subsystem": Field(STRINGS, "subsystems and their commands: sftp internal-sftp"),
    "syslog_facility": Field(STRING, "the facility that is logged to"),
    "tcp_keep_alive": Field(BOOLEAN, "whether TCP notices that a client is gone"),
    "use_dns": Field(BOOLEAN, "whether clients' names are looked up"),
    "use_pam": Field(BOOLEAN, "whether PAM decides on accounts and sessions"),
    "version_addendum": Field(STRING, "what is added to the version that is told to everyone; none"),
    "xauth_location": Field(STRING, "where xauth is; none"),
}
"""What it cannot."""

OBSOLETE = {
    "protocol": Field(STRING, "as it is written: OpenSSH speaks version 2 only since 7.6; absent: nothing is"),
    "rhosts_rsa_authentication": Field(STRING, "as it is written: it went with version 1; absent: nothing is"),
    "use_privilege_separation": Field(STRING, "as it is written: OpenSSH always does since 7.5; absent: nothing is"),
}
"""What new servers take no notice of."""

KIND = Kind(
    "sshd",
    "A server of SSH: what its sshd_config comes to",
    {
        "name": Field(STRING, "the main file"),
        "version": Field(STRING, "the version of OpenSSH whose defaults and keywords count: 9.2"),
        "vendor": Field(one_of("debian", "upstream"), "who built it"),
        **GLOBAL,
        **CONDITIONAL,
        **OBSOLETE,
        "matches": Field(
            list_of(
                object_of(
                    condition=Field(STRING, "the Match line without its keyword: User bob"),
                    **CONDITIONAL,
                )
            ),
            "what Match blocks change, each for those for whom no other one holds but such as hold for all whom it is "
            "about; permit_root_login only where the block can hold for root",
        ),
        "settings": Field(
            list_of(
                object_of(
                    option=Field(STRING, "what it sets, in small letters: permitrootlogin"),
                    value=Field(STRING, "the value as it is written"),
                    condition=Field(STRING, "the Match line that it stands below; absent: it is for all"),
                    overruled=Field(
                        BOOLEAN, "true where it has no effect, and the line that has one sets something else"
                    ),
                )
            ),
            "every line that sets something, in the order in which sshd reads them, also where it has no effect",
        ),
        "environment": Field(
            map_of(STRING), "variables that its service is started with: /etc/sysconfig/sshd, /etc/default/ssh"
        ),
        "includes": Field(STRINGS, "files, or patterns of files, that are included for all, as they are written"),
    },
)
