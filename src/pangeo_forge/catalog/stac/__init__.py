"""STAC 1.1 from entries: a Collection for each dataset, an unchanging Item for each of its versions."""
