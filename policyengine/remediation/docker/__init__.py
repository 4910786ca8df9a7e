"""Containers on a Docker Engine: they are never changed in place, but replaced by others made of what they are."""
