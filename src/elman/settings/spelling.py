"""How a setting's value is spelt."""

from __future__ import annotations

import json

AUTO = "auto"
"""What a file says where the dataclass has None: the value is chosen by the program. TOML knows no None."""


def spelt(value: object) -> str:
    """A value as TOML writes it; for the values that settings have, JSON writes the same."""
    return json.dumps(AUTO if value is None else value, ensure_ascii=False)
