"""Pushing a catalogue into pgstac, the database of STAC for those who outgrow a file."""
