"""Planning of recipes that make references."""
