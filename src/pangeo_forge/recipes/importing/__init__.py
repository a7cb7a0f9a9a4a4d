"""How a feedstock's modules are imported, for how long, and what is said of one that cannot be."""
