"""How datasets enter a catalogue: those of a whole target, or one version; and what is kept of what was cut short."""
