"""Backup and restore: database, files and keys of one desk in one folder, whole or not there at all.

The order makes it consistent while the desk runs: first a snapshot of the database, then the files. A file is
written before the row that names it and files are only added, so every row of the snapshot finds its file. The
sweep of orphans is the one exception, and takes the same lock (`core.blobs.none_goes`).
"""
