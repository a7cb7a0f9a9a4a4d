"""References as kerchunk makes and combines them, for the recipes that say in kerchunk's own words what is to be done."""
