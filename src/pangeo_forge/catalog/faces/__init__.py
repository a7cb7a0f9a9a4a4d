"""Forms of a catalogue for others than STAC: each is a function of its Items."""
