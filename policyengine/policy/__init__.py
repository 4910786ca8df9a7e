"""Policies: loading, checking and compiling them."""
