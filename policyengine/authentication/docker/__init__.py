"""Docker's engine and client as their files configure them: daemon.json with dockerd's flags, and config.json.

The semantics are those of dockerd(8) and of ``daemon/config`` and ``cmd/dockerd`` in https://github.com/moby/moby, and
of ``cli/config/configfile`` in https://github.com/docker/cli.
"""
