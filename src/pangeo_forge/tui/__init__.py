"""A catalogue in the terminal: datasets are found, looked at, and the code that opens them is copied."""
