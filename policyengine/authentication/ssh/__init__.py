"""ssh_config(5) of OpenSSH's client, with its real semantics: first value wins, ``Host``, ``Match``, ``Include``.

The system's file, /etc/ssh/ssh_config, is read; what users set for themselves comes before it and is not.
Lines, words, patterns, numbers and algorithms are those of sshd, which the two share in OpenSSH too.
"""
