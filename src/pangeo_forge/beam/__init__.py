"""Pipelines that no plan can express are run by Apache Beam itself, in an environment of their own.

`pangeo_forge_beam` is the program that runs there; the other modules start it and understand what it says.
"""
