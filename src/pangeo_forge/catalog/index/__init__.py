"""The index of a catalogue: all Items in one GeoParquet file, which is searched without a server."""
