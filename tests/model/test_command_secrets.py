from __future__ import annotations

import pytest

from policyengine.model import command_options
from policyengine.model.command_secrets import secrets

NAMES = [name for name, takes in command_options._COMMANDS.items() if takes]
OPTIONS = {
    "curl": "-u a:b",
    "wget": '--header "Cookie: a=b"',
    "useradd": "-p",
    "mysql": "-pb",
    "redis-cli": "-a",
    "login": "-p",
    "ldap": "-w",
    "-P": "-P",
    "-t": "-t",
    "http": "-a a:b",
    "smb": "-U a%b",
    "lftp": "-u a,b",
    "etcdctl": "--user a:b",
    "7z": "-pb",
    "slappasswd": "-s",
    "snmp": "-c",
}
SUBCOMMANDS = {
    "openssl enc": "-k",
    "gh secret set": "x -b",
    "kubectl create secret": "--from-literal=a=b",
    "dotnet nuget push": "-k",
    "dotnet nuget add source": "-p",
    "influx setup": "-t",
    "doctl auth init": "-t",
    "net ads join": "-U a%b",
}
READERS = {
    "vncpasswd": "-f",
    "smbpasswd": "-s",
    "sudo": "-S",
    "gpg": "--passphrase-fd=0",
    "gpg2": "--passphrase-fd=0",
    "htpasswd": "-ni",
    "openssl passwd": "-stdin",
    "gh auth login": "--with-token",
    "glab auth login": "--stdin",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_command_that_takes_a_secret_by_an_option(name: str) -> None:
    assert secrets(f"{name} {OPTIONS[command_options._COMMANDS[name]]} x")


@pytest.mark.parametrize("name", command_options._OF_SUBCOMMANDS)
def test_a_subcommand_that_takes_a_secret_by_an_option(name: str) -> None:
    assert secrets(f"{name} {SUBCOMMANDS[name]} x")


@pytest.mark.parametrize("name", command_options._OPERANDS)
def test_a_command_whose_operand_is_a_secret(name: str) -> None:
    operand = command_options._OPERANDS[name]
    words = name.replace(".", ".x").split()
    line = " ".join((*words, *"abc"[: operand.number - 1], "u:p/w"))
    wanted = [("u:p/w", operand.kind)]
    assert [(line[found.start : found.end], found.kind) for found in secrets(line)] == wanted
    listed = str([*words, *"abc"[: operand.number - 1], "u:p/w"])
    assert [(listed[found.start : found.end].strip("'"), found.kind) for found in secrets(listed)] == wanted


@pytest.mark.parametrize("name", command_options._OF_STDIN)
def test_a_command_that_reads_a_secret(name: str) -> None:
    line = f"echo a:b | {name} {READERS.get(name, '--password-stdin')}"
    assert [line[found.start : found.end] for found in secrets(line)] == ["a:b"]


@pytest.mark.parametrize("name", sorted(command_options._OF_PAIRS))
def test_a_command_of_which_every_pair_is_a_secret(name: str) -> None:
    line = f"{name} -mount=secret x a=b c=d"
    assert [line[found.start : found.end] for found in secrets(line)] == ["a=b", "c=d"]


def test_options_with_telling_names_may_be_left_to_others() -> None:
    line = "curl --password b -u c:d x"
    assert [line[found.start : found.end] for found in secrets(line + " && login -p")] == ["b", "c:d"]
    assert [line[found.start : found.end] for found in secrets(line, by_name=False)] == ["c:d"]
