"""The STAC API 1.0, read-only, over the index of one catalogue."""
