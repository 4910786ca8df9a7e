"""What a root's sudoers files set, include and get wrong. The words are those of sudoers(5)."""

from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    STRINGS,
    Field,
    Kind,
    list_of,
    object_of,
    one_of,
)

READ = Field(BOOLEAN, "whether sudo reads it: false for what lies in a file that sudo does not read")

OPTIONS: dict[str, Field] = {
    "always_set_home": Field(BOOLEAN, "whether HOME is that of the user whom commands run as"),
    "authenticate": Field(BOOLEAN, "whether users have to authenticate themselves where no tag says otherwise"),
    "closefrom_override": Field(BOOLEAN, "whether users may say which open files a command keeps"),
    "env_keep": Field(STRINGS, "variables that commands keep, beside those that sudo keeps of its own accord"),
    "env_reset": Field(BOOLEAN, "whether commands get an environment of their own"),
    "exempt_group": Field(STRING, "the group whose members need no password"),
    "fast_glob": Field(BOOLEAN, "whether wildcards are matched without looking at files"),
    "group_plugin": Field(STRING, "the plugin that knows of other groups"),
    "ignore_dot": Field(BOOLEAN, "whether the current directory in PATH is passed over"),
    "insults": Field(BOOLEAN, "whether a wrong password is answered by an insult"),
    "intercept": Field(BOOLEAN, "whether commands that a command runs are judged as well"),
    "iolog_dir": Field(STRING, "the directory of what is logged of sessions"),
    "lecture": Field(one_of("never", "once", "always"), "when users are lectured"),
    "listpw": Field(one_of("never", "any", "all", "always"), "when a password is asked for listing what one may do"),
    "log_allowed": Field(BOOLEAN, "whether commands that were allowed are logged"),
    "log_denied": Field(BOOLEAN, "whether commands that were denied are logged"),
    "log_input": Field(BOOLEAN, "whether what users type is logged"),
    "log_output": Field(BOOLEAN, "whether what commands write is logged"),
    "log_subcmds": Field(BOOLEAN, "whether commands that a command runs are logged as well"),
    "logfile": Field(STRING, "the log file; absent: there is none"),
    "mail_badpass": Field(BOOLEAN, "whether a wrong password is told by mail"),
    "mail_no_perms": Field(BOOLEAN, "whether a command that is not allowed is told by mail"),
    "mail_no_user": Field(BOOLEAN, "whether a user who may run nothing is told by mail"),
    "mailto": Field(STRING, "who gets the mail; absent: nobody"),
    "match_group_by_gid": Field(BOOLEAN, "whether groups are matched by their number"),
    "noexec": Field(BOOLEAN, "whether commands cannot run others, where no tag says otherwise"),
    "passwd_timeout": Field(NUMBER, "after how many minutes the prompt ends; 0: never"),
    "passwd_tries": Field(INTEGER, "how often a password may be tried"),
    "preserve_groups": Field(BOOLEAN, "whether commands keep the groups of the user who runs them"),
    "pwfeedback": Field(BOOLEAN, "whether the prompt shows that something is typed"),
    "requiretty": Field(BOOLEAN, "whether users must have a terminal"),
    "root_sudo": Field(BOOLEAN, "whether root may run sudo"),
    "rootpw": Field(BOOLEAN, "whether root's password is asked for"),
    "runas_allow_unknown_id": Field(BOOLEAN, "whether commands may run as a user who does not exist"),
    "runas_check_shell": Field(BOOLEAN, "whether commands may run only as users whose shell is in /etc/shells"),
    "runas_default": Field(STRING, "whom commands run as when nothing else is said"),
    "runaspw": Field(BOOLEAN, "whether the password of runas_default is asked for"),
    "secure_path": Field(STRING, "the PATH of commands; absent: the user's own"),
    "setenv": Field(BOOLEAN, "whether users may set any variable, where no tag says otherwise"),
    "sudoedit_checkdir": Field(BOOLEAN, "whether sudoedit refuses files in directories that the user may write to"),
    "sudoedit_follow": Field(BOOLEAN, "whether sudoedit follows symbolic links"),
    "syslog": Field(STRING, "the facility that is logged to; absent: nothing is"),
    "targetpw": Field(BOOLEAN, "whether the password of the user whom a command runs as is asked for"),
    "timestamp_timeout": Field(
        NUMBER, "for how many minutes no password is asked for again; 0: it always is, below 0: never again"
    ),
    "timestamp_type": Field(
        one_of("global", "ppid", "tty", "kernel"), "for what a password that was given holds: a session, a terminal"
    ),
    "umask": Field(STRING, "the mask of commands, octal: 0022; 0777: the user's own"),
    "umask_override": Field(BOOLEAN, "whether the mask holds though the user's is stricter"),
    "use_netgroups": Field(BOOLEAN, "whether netgroups are looked up"),
    "use_pty": Field(BOOLEAN, "whether commands run in a terminal of their own"),
    "user_command_timeouts": Field(BOOLEAN, "whether users may say how long a command runs at most"),
    "verifypw": Field(one_of("never", "all", "any", "always"), "when a password is asked for by sudo -v"),
    "visiblepw": Field(BOOLEAN, "whether a password may be asked for though it would be seen"),
}
"""What Defaults lines for everybody come to."""

SETTINGS = list_of(
    object_of(
        option=Field(STRING, "what it sets: use_pty"),
        value=Field(STRING, "the value as it is written; true or false for an option without one"),
        number=Field(NUMBER, "the value of an option that is a number: minutes for the time-outs of passwords"),
        assignment=Field(STRING, "option and value: use_pty, !authenticate, env_keep+=LANG"),
        operation=Field(one_of("set", "unset", "add", "remove"), "by =, !, += or -="),
        words=Field(STRINGS, "the words of an option that is a list"),
        scope=Field(one_of("all", "user", "host", "runas", "command"), "for whom it is"),
        subjects=Field(STRINGS, "those for whom it is, where it is not for all"),
    )
)

ERRORS = list_of(object_of(message=Field(STRING, "what is wrong, in the words of sudo")))

KIND = Kind(
    "sudoers",
    "The configuration of sudo: what its sudoers files set, include and get wrong",
    {
        "name": Field(STRING, "the system, or the main file"),
        "version": Field(STRING, "the version of sudo whose defaults count: 1.9.13"),
        "vendor": Field(one_of("debian", "upstream"), "who built it"),
        "files": Field(STRINGS, "the files that sudo reads, in their order"),
        "unread": Field(
            STRINGS,
            "files in the directories of sudoers that sudo does not read: nothing includes them, their name has a "
            "period or ends in ~, or others may write to them",
        ),
        "includes": Field(
            list_of(
                object_of(
                    directive=Field(one_of("include", "includedir"), "whether it includes a file or a directory"),
                    path=Field(STRING, "the absolute path; absent: it depends on the host's name"),
                    read=READ,
                )
            ),
            "what the files include, in the order of their lines",
        ),
        "errors": Field(ERRORS, "what sudo refuses: it passes over the line and goes on"),
        "strict_errors": Field(
            ERRORS,
            "what only visudo -s refuses: an alias that is not defined; sudo takes its name for that of a user or host",
        ),
        "settings": Field(
            SETTINGS, "every Defaults setting, in the order in which sudo reads them, also without effect"
        ),
        "scoped_settings": Field(SETTINGS, "those that are for some users, hosts or commands only"),
        "unread_settings": Field(SETTINGS, "those of files that sudo does not read"),
        **OPTIONS,
    },
)
