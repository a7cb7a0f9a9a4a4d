"""What the licence of a dataset, as somebody wrote it, comes down to."""
