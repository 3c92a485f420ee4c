"""The version, as a constant: reading it from package metadata costs 30 ms at every start."""

from __future__ import annotations

__version__ = "0.1.0"
