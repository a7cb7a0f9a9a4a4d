"""Licences, as STAC names them."""

from __future__ import annotations

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression


def find_license(text: str) -> str:
    """Give the SPDX expression that a text is, or ``"other"``."""
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return "other"
