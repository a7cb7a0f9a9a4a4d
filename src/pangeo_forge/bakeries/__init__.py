"""Named places to run recipes: an engine, storage targets, and what the worker may know of its surroundings."""
