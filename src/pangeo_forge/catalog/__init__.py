"""Datasets as they are catalogued: what each holds, where and when it is, and how it is opened."""
