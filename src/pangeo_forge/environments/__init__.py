"""Environments for recipes: from what a feedstock requires to the Python in which its worker runs."""
