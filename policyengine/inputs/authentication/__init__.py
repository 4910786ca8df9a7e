"""Resources of what the files of a root say about who may log in: shared by all that have such files."""
