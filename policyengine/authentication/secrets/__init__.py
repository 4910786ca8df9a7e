"""Secrets that lie in files: private keys, credentials of programs, tokens. Nothing here ever tells one."""
