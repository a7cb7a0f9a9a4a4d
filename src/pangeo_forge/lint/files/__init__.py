"""The files of a feedstock and of its repository as they are written, read within limits."""
