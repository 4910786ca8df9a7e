"""sshd_config(5) as sshd(8) reads it: what OpenSSH's server takes from its files, for whom, and what it refuses.

The semantics are those of ``servconf.c`` and were compared with ``sshd -T -C`` (``tests/soak/sshd.py``).
"""
