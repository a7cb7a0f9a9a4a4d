"""Datasets of references: where in the inputs each chunk lies, found by VirtualiZarr and kerchunk, and written as they write it."""
