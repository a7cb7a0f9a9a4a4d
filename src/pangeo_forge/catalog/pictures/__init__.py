"""Pictures of datasets, drawn from a few of their values within a bound of memory: thumbnails, overviews, and plots that are asked for."""
