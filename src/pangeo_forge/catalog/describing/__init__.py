"""From an opened dataset to its description: metadata and coordinates are read, data never is."""
