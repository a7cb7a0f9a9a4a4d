"""Filters in CQL2, the query language of OGC and STAC: read, checked, and put into SQL over the index."""
