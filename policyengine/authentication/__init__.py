"""Who may log in, and how: what the files of a system say, with the semantics of the programs that read them.

Files come from a :class:`~policyengine.authentication.files.Root`: a container's, an image's, a host's, or given ones.
Nothing in this package reads anything else.
"""
