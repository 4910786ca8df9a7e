"""Edits of a file's text by the place of a value in it: everything else stays as it is, byte for byte."""
