"""Who may run a command as whom by sudo: what one command of a line in sudoers grants. The words are sudoers(5)'s."""

from policyengine.model.types import BOOLEAN, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_COMMAND = object_of(
    name=Field(STRING, "ALL, a path, a directory that ends in a slash, ^a regular expression$, sudoedit or list"),
    arguments=Field(one_of("any", "none", "given"), "whether it may be run with any arguments, none, or those given"),
    line=Field(STRING, "the command with its arguments, as it is matched: /usr/bin/passwd [a-z]*"),
    negated=Field(BOOLEAN, "whether it may not be run"),
    digest=Field(BOOLEAN, "whether the file must have a digest"),
    everything=Field(BOOLEAN, "whether it is ALL, and not negated"),
)

KIND = Kind(
    "sudo_rule",
    "What sudo lets somebody run as somebody: a command of a line in sudoers; of several that match the last counts",
    {
        "name": Field(STRING, "who, where and what: bob ALL = /bin/ls"),
        "read": Field(BOOLEAN, "whether sudo reads it: not what lies in a file that sudo does not read, or is refused"),
        "refused": Field(BOOLEAN, "whether sudo refuses the line, and passes over it: what it grants is not known"),
        "users": Field(STRINGS, "who: names, #ids, %groups, +netgroups, ALL; one that is excluded has a !"),
        "everybody": Field(BOOLEAN, "whether ALL is among those"),
        "only_root": Field(BOOLEAN, "whether root is the only one"),
        "hosts": Field(STRINGS, "on which hosts: names, addresses, +netgroups, ALL"),
        "run_as_users": Field(STRINGS, "as which users; runas_default where none are given; empty: as oneself"),
        "run_as_groups": Field(STRINGS, "with which groups; absent: those of the user"),
        "run_as_given": Field(BOOLEAN, "whether the line says as whom, here or at a command before"),
        "run_as_root": Field(BOOLEAN, "whether root, #0 or ALL is among those as whom it may be run, and not excluded"),
        "commands": Field(list_of(_COMMAND), "the command, or those of an alias"),
        "grants": Field(BOOLEAN, "whether it grants anything: not where all that it names is negated, as by !SHELLS"),
        "everything": Field(BOOLEAN, "whether ALL is among the commands"),
        "authenticate": Field(BOOLEAN, "whether a password is asked for, by its tag or by the option for all"),
        "nopasswd": Field(BOOLEAN, "the tag: true for NOPASSWD, false for PASSWD; absent: neither"),
        "noexec": Field(BOOLEAN, "whether it cannot run other commands, by its tag or by the option for all"),
        "setenv": Field(BOOLEAN, "whether the user may set any variable; with ALL it is so"),
        "setenv_given": Field(BOOLEAN, "whether a SETENV tag says so"),
    },
)
