"""A catalogue as files, and what leads from one to the other."""
