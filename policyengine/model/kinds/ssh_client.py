"""Clients of SSH: what the system's ssh_config comes to. The words are those of ssh_config(5)."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

ASK = one_of("yes", "no", "ask")

OPTIONS = {
    "add_keys_to_agent": Field(STRING, "whether the agent is given keys that are used: yes, no, ask, confirm, a time"),
    "batch_mode": Field(BOOLEAN, "whether nothing is asked"),
    "ca_signature_algorithms": Field(STRINGS, "algorithms that certificates may be signed with"),
    "canonicalize_hostname": Field(one_of("yes", "no", "always"), "whether names of hosts are completed"),
    "check_host_ip": Field(BOOLEAN, "whether the host's address is looked up in known_hosts as well"),
    "ciphers": Field(STRINGS, "ciphers, the preferred first"),
    "compression": Field(BOOLEAN, "whether data is compressed"),
    "connect_timeout": Field(INTEGER, "after how many seconds it is given up; absent: TCP's own"),
    "connection_attempts": Field(INTEGER, "how often it is tried"),
    "control_master": Field(one_of("yes", "no", "ask", "auto", "autoask"), "whether sessions share a connection"),
    "enable_ssh_keysign": Field(BOOLEAN, "whether the host's own key may vouch for its users"),
    "fingerprint_hash": Field(one_of("MD5", "SHA1", "SHA256", "SHA384", "SHA512"), "what fingerprints are shown by"),
    "forward_agent": Field(STRING, "whether the agent is forwarded: yes, no, or which one"),
    "forward_x11": Field(BOOLEAN, "whether X11 is forwarded"),
    "forward_x11_timeout": Field(INTEGER, "after how many seconds an untrusted client may not connect any more"),
    "forward_x11_trusted": Field(BOOLEAN, "whether clients of X11 may do everything"),
    "gateway_ports": Field(BOOLEAN, "whether forwarded ports are open to other hosts"),
    "global_known_hosts_file": Field(STRINGS, "files of keys of hosts for all users; none"),
    "gssapi_authentication": Field(BOOLEAN, "whether GSSAPI may be used to log in"),
    "gssapi_delegate_credentials": Field(BOOLEAN, "whether the host is given the user's credentials"),
    "gssapi_key_exchange": Field(BOOLEAN, "whether GSSAPI may be used to exchange keys"),
    "gssapi_trust_dns": Field(BOOLEAN, "whether DNS is trusted for the host's name"),
    "hash_known_hosts": Field(BOOLEAN, "whether the names in known_hosts are hashed"),
    "host_key_algorithms": Field(STRINGS, "algorithms of keys of hosts"),
    "hostbased_accepted_algorithms": Field(STRINGS, "algorithms of keys for host-based authentication"),
    "hostbased_authentication": Field(BOOLEAN, "whether the host may vouch for its user"),
    "identities_only": Field(BOOLEAN, "whether keys of the agent are used only if they are configured"),
    "identity_file": Field(STRINGS, "files of the user's keys; absent: those that ssh-keygen makes"),
    "kbd_interactive_authentication": Field(BOOLEAN, "whether questions may be used to log in"),
    "kex_algorithms": Field(STRINGS, "key exchanges, the preferred first"),
    "log_level": Field(
        one_of("SILENT", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG2", "DEBUG3"), "how much is told"
    ),
    "macs": Field(STRINGS, "message authentication codes, the preferred first"),
    "no_host_authentication_for_localhost": Field(BOOLEAN, "whether the key of this host is not looked at"),
    "number_of_password_prompts": Field(INTEGER, "how often a password is asked for"),
    "password_authentication": Field(BOOLEAN, "whether passwords may be used to log in"),
    "permit_local_command": Field(BOOLEAN, "whether a command may be run here once connected"),
    "preferred_authentications": Field(STRING, "the order of methods; absent: ssh's own"),
    "pubkey_accepted_algorithms": Field(STRINGS, "algorithms of keys that may be used to log in"),
    "pubkey_authentication": Field(one_of("yes", "no", "unbound", "host-bound"), "whether keys may be used to log in"),
    "rekey_interval": Field(INTEGER, "after how many seconds keys are renewed; 0: by the amount of data only"),
    "rekey_limit": Field(INTEGER, "after how many bytes keys are renewed; 0: as the cipher demands"),
    "request_tty": Field(one_of("yes", "no", "force", "auto"), "whether there is a terminal"),
    "required_rsa_size": Field(INTEGER, "the least bits of an RSA key"),
    "revoked_host_keys": Field(STRING, "the file of keys of hosts that are not accepted; absent: none"),
    "send_env": Field(STRINGS, "variables that are sent, as patterns; absent: none"),
    "server_alive_count_max": Field(INTEGER, "how many messages may stay unanswered before the connection is closed"),
    "server_alive_interval": Field(INTEGER, "after how many seconds of silence the host is asked to answer; 0: never"),
    "strict_host_key_checking": Field(
        one_of("yes", "no", "ask", "accept-new"), "whether a host is talked to whose key is not known, or another"
    ),
    "tcp_keep_alive": Field(BOOLEAN, "whether TCP notices that the host is gone"),
    "tunnel": Field(one_of("no", "point-to-point", "ethernet"), "which tun devices are forwarded"),
    "update_host_keys": Field(ASK, "whether further keys of a host are learnt"),
    "user_known_hosts_file": Field(STRINGS, "files of keys of hosts of the user; none"),
    "verify_host_key_dns": Field(ASK, "whether keys of hosts are looked up in DNS"),
    "visual_host_key": Field(BOOLEAN, "whether a picture of the host's key is shown"),
}
"""What can be set for all destinations and for some."""

KIND = Kind(
    "ssh_client",
    "The client of SSH: what the system's ssh_config comes to where users set nothing for themselves",
    {
        "name": Field(STRING, "the system"),
        "version": Field(STRING, "the version of OpenSSH whose defaults and keywords count: 9.2"),
        "vendor": Field(one_of("debian", "upstream"), "who built it"),
        **OPTIONS,
        "blocks": Field(
            list_of(
                object_of(
                    condition=Field(STRING, "the Host or Match line: Host bastion"),
                    **OPTIONS,
                )
            ),
            "what Host and Match blocks change that are not for all, each for those for whom no other such one holds",
        ),
        "settings": Field(
            list_of(
                object_of(
                    option=Field(STRING, "what it sets, in small letters: rekeylimit"),
                    value=Field(STRING, "the value as it is written"),
                    file=Field(STRING, "the file that it is in: /etc/ssh/ssh_config"),
                    condition=Field(STRING, "the Host or Match line that it stands below; absent: it is for all"),
                    overruled=Field(BOOLEAN, "true where it has no effect, and the line that has one says otherwise"),
                )
            ),
            "every line that sets something, in the order in which ssh reads them, also where it has no effect",
        ),
        "includes": Field(STRINGS, "files, or patterns of files, that are included for all, as they are written"),
    },
)
