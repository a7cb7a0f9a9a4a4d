"""Runs: one bake of one recipe each, with a folder, a journal, a row in a database, and a worker that is watched."""
