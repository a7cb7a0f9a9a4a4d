"""A catalogue in the browser, and as a STAC API: one read-only server for people and for machines."""
