"""The options of Defaults lines: their types, and which values sudo takes. Those of sudo 1.9.13; later ones beside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.authentication.sudoers import timing

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.tree import Setting

Form = Literal[
    "flag", "text", "path", "working path", "list", "whole", "number", "minutes", "seconds", "mode", "one of",
    "facility", "priority", "limit",
]  # fmt: skip


class Option(Struct, frozen=True):
    """An option: the form of its value, whether it can be turned off by ``!``, and all values where few are taken."""

    form: Form
    can_be_off: bool = True
    values: tuple[str, ...] = ()


_FLAGS = """
always_query_group_plugin always_set_home authenticate case_insensitive_group case_insensitive_user closefrom_override
compress_io env_editor env_reset exec_background fast_glob fqdn ignore_audit_errors ignore_dot ignore_iolog_errors
ignore_local_sudoers ignore_logfile_errors ignore_unknown_defaults insults intercept intercept_allow_setid
intercept_authenticate intercept_verify iolog_flush log_allowed log_denied log_exit_status log_host log_input log_output
log_passwords log_server_keepalive log_server_verify log_stderr log_stdin log_stdout log_subcmds log_ttyin log_ttyout
log_year long_otp_prompt mail_all_cmnds mail_always mail_badpass mail_no_host mail_no_perms mail_no_user
match_group_by_gid netgroup_tuple noexec noninteractive_auth pam_acct_mgmt pam_rhost pam_ruser pam_session pam_setcred
passprompt_override path_info preserve_groups pwfeedback requiretty root_sudo rootpw runas_allow_unknown_id
runas_check_shell runaspw selinux set_home set_logname set_utmp setenv shell_noargs stay_setuid sudoedit_checkdir
sudoedit_follow syslog_pid targetpw tty_tickets umask_override use_loginclass use_netgroups use_pty
user_command_timeouts utmp_runas visiblepw
"""
_TEXTS = "exempt_group iolog_group iolog_user mailerflags mailfrom mailto secure_path"
_FIXED_TEXTS = """
apparmor_profile authfail_message badpass_message group_plugin iolog_file limitprivs mailsub maxseq pam_askpass_service
pam_login_service pam_service passprompt privs role runas_default sudoers_locale timestampowner type
"""
_PATHS = """
env_file lecture_file log_server_cabundle log_server_peer_cert log_server_peer_key logfile mailerpath
restricted_env_file
"""
_FIXED_PATHS = "editor iolog_dir lecture_status_dir timestampdir"
_LIMITS = "as core cpu data fsize locks memlock nofile nproc rss stack"

OPTIONS: dict[str, Option] = {
    **dict.fromkeys(_FLAGS.split(), Option("flag")),
    **dict.fromkeys(_TEXTS.split(), Option("text")),
    **dict.fromkeys(_FIXED_TEXTS.split(), Option("text", can_be_off=False)),
    **dict.fromkeys(_PATHS.split(), Option("path")),
    **dict.fromkeys(_FIXED_PATHS.split(), Option("path", can_be_off=False)),
    **dict.fromkeys(("admin_flag", "runchroot", "runcwd"), Option("working path")),
    **dict.fromkeys(("env_check", "env_delete", "env_keep", "log_servers", "passprompt_regex"), Option("list")),
    **{f"rlimit_{name}": Option("limit") for name in _LIMITS.split()},
    "closefrom": Option("number", can_be_off=False),
    "command_timeout": Option("seconds"),
    "log_server_timeout": Option("seconds"),
    "loglinelen": Option("whole"),
    "passwd_timeout": Option("minutes"),
    "passwd_tries": Option("whole", can_be_off=False),
    "syslog_maxlen": Option("whole", can_be_off=False),
    "timestamp_timeout": Option("minutes"),
    "iolog_mode": Option("mode", can_be_off=False),
    "umask": Option("mode"),
    "syslog": Option("facility"),
    "syslog_badpri": Option("priority"),
    "syslog_goodpri": Option("priority"),
    "lecture": Option("one of", values=("never", "once", "always")),
    "listpw": Option("one of", values=("never", "any", "all", "always")),
    "verifypw": Option("one of", values=("never", "all", "any", "always")),
    "fdexec": Option("one of", values=("never", "digest_only", "always")),
    "timestamp_type": Option("one of", values=("global", "ppid", "tty", "kernel")),
    "log_format": Option("one of", values=("sudo", "json")),
    "intercept_type": Option("one of", values=("dso", "trace")),
}
_BARE = frozenset({"lecture", "listpw", "verifypw", "fdexec"})
"""Options of few values that may be set without one."""

FACILITIES = (
    "authpriv", "auth", "daemon", "user",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
PRIORITIES = ("alert", "crit", "debug", "emerg", "err", "info", "notice", "warning", "none")

_WHOLE = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+", re.ASCII)
_OCTAL = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-7]+", re.ASCII)
_MINUTES = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]{9}.*|[0-9]{0,8}))?", re.ASCII | re.DOTALL)
_LIMIT = re.compile(r"(?:[0-9]+|infinity)(?:,(?:[0-9]+|infinity))?|user|default", re.ASCII)
_MOST_PATH = 4096
_MOST_TIME = 2**63 - 1

Value = bool | int | float | str | tuple[str, ...] | None


def value(setting: Setting, before: Value = None) -> Value:
    """What a setting makes of an option's value. Raises :class:`ValueError` with what sudo objects to."""
    option = OPTIONS.get(setting.name)
    if option is None:
        raise ValueError(f'unknown defaults entry "{setting.name}"')
    if setting.value is None and not _may_be_bare(setting, option):
        raise ValueError(f'no value specified for "{setting.name}"')
    if setting.operation in ("add", "remove") and option.form != "list":
        sign = "+=" if setting.operation == "add" else "-="
        raise ValueError(f'invalid operator "{sign}" for "{setting.name}"')
    if option.form == "flag":
        if setting.value is not None:
            raise ValueError(f'option "{setting.name}" does not take a value')
        return setting.operation == "set"
    if option.form == "list":
        return _listed(setting, before)
    if setting.value is None:
        return _bare(setting, option)
    return _read(setting.name, setting.value, option)


def _may_be_bare(setting: Setting, option: Option) -> bool:
    if option.form in ("flag", "one of", "facility", "priority"):
        return True
    return option.can_be_off and setting.operation == "unset"


_OFF: dict[Form, Value] = {"whole": 0, "number": 0, "minutes": 0.0, "seconds": 0, "mode": 0o777}


def _bare(setting: Setting, option: Option) -> Value:
    """The value of an option that is turned off, or on without a value."""
    if option.form == "one of":
        if setting.operation == "set" and setting.name not in _BARE:
            raise _invalid(setting.name, FACILITIES[0])
        return option.values[0 if setting.operation == "unset" else 1]
    if setting.operation == "unset":
        return _OFF.get(option.form)
    if option.form == "priority":
        raise _invalid(setting.name, FACILITIES[0])
    return FACILITIES[0]


def _listed(setting: Setting, before: Value) -> tuple[str, ...]:
    words = _words(setting)
    kept = before if isinstance(before, tuple) and setting.operation in ("add", "remove") else ()
    if setting.operation == "remove":
        return tuple(word for word in kept if word not in words)
    return tuple(dict.fromkeys((*kept, *words)))


def _words(setting: Setting) -> tuple[str, ...]:
    if setting.name == "passprompt_regex":
        return (setting.value,) if setting.value is not None else ()
    return tuple(filter(None, re.split(r"[ \t]+", setting.value or "")))


def _invalid(name: str, text: str) -> ValueError:
    return ValueError(f'value "{text}" is invalid for option "{name}"')


def _read(name: str, text: str, option: Option) -> Value:
    if option.form in ("path", "working path"):
        return _path(name, text, option.form)
    if option.form == "text":
        return text
    if option.form in ("whole", "number", "mode", "minutes", "seconds"):
        return _amount(name, text, option.form)
    allowed = {"one of": option.values, "facility": FACILITIES, "priority": PRIORITIES}.get(option.form)
    if not (text in allowed if allowed is not None else _is_limit(text)):
        raise _invalid(name, text)
    return text


def _path(name: str, text: str, form: Form) -> str:
    if len(text.encode("utf-8", "surrogateescape")) >= _MOST_PATH:
        raise ValueError(f'path name for "{name}" too long')
    if form == "path" and not text.startswith("/"):
        raise ValueError(f"values for \"{name}\" must start with a '/'")
    if form == "working path" and text[:1] not in ("/", "~") and text != "*":
        raise ValueError(f"values for \"{name}\" must start with a '/', '~', or '*'")
    return text


def _amount(name: str, text: str, form: Form) -> Value:
    try:
        found = _AMOUNTS[form](text)
    except ValueError:
        found = None
    if found is None:
        raise _invalid(name, text)
    return found


def _integer(text: str, least: int, most: int) -> int | None:
    number = int(text) if _WHOLE.fullmatch(text) else None
    return number if number is not None and least <= number <= most else None


def _mode(text: str) -> int | None:
    mode = int(text, 8) if _OCTAL.fullmatch(text) else None
    return mode if mode is not None and 0 <= mode <= 0o777 else None


def _minutes(text: str) -> float | None:
    found = _MINUTES.fullmatch(text)
    if found is None or int(found[2] or 0) * 60 > _MOST_TIME:
        return None
    minutes = float(found[2] or 0) + float(f"0.{(found[3] or '0')[:9]}")
    return -minutes if found[1] == "-" else minutes


_AMOUNTS = {
    "whole": lambda text: _integer(text, 0, 2**32 - 1),
    "number": lambda text: _integer(text, -(2**31), 2**31 - 1),
    "mode": _mode,
    "minutes": _minutes,
    "seconds": timing.timeout,
}


def _is_limit(text: str) -> bool:
    return _LIMIT.fullmatch(text) is not None and all(len(part) < 20 for part in text.split(","))
