"""The command ``pangeo-forge``: how to ask and how to show."""
