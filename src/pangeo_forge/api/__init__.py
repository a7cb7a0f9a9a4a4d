"""What the command and ``import pangeo_forge`` both do: small functions that put a feedstock, a bakery and a run together."""
