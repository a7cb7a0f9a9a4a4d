"""``apache_beam.metrics``: counters that functions of recipes count with, and that nobody reads."""

from __future__ import annotations

from typing import Any


class Metric:
    """Something that is counted."""

    def inc(self, n: int = 1) -> None:
        """Count up."""

    def dec(self, n: int = 1) -> None:
        """Count down."""

    def update(self, value: Any) -> None:
        """Note a value."""

    def set(self, value: Any) -> None:
        """Note a value."""


class Metrics:
    """Makes them."""

    @staticmethod
    def counter(namespace: Any, name: str) -> Metric:
        """Make a counter."""
        return Metric()

    distribution = gauge = string_set = counter
