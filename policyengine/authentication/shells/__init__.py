"""What shells do when somebody logs in: the files that they read, and what is set and run there.

Nothing is run, and no condition is decided: what a file may set, in whatever branch, counts as set.
"""
