"""Run one recipe by Apache Beam: a program for the recipe's own Python, in which pangeo-forge is not installed.

It imports nothing but the standard library, `apache_beam`, `pangeo_forge_recipes` and `fsspec`. An order is a line of JSON on its standard
input; what it has to say are lines of JSON on its standard output.
"""
