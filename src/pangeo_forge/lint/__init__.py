"""What is wrong with a feedstock as it is written, found without running any of it."""
