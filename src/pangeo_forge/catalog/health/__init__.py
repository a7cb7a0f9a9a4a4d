"""Whether the datasets of a catalogue are still what it says: asked, judged, and kept beside it."""
