"""Turn archives of files into analysis-ready, cloud-optimized datasets."""

__version__ = "0.1.0"
