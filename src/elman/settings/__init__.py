"""The settings of a training run: frozen dataclasses, and the same as commented TOML.

What a setting is called, means, may be and is by default stands once, in its dataclass; the comments of the
TOML file and the messages about faults are made from that. Needs pydantic, which comes with ``elman[train]``:
nothing that tagging needs imports this package.
"""

from elman.settings.file import TaskSettings, dumps, from_dict, load, task_of, to_dict
from elman.settings.groups import (
    OPTIONS,
    Count,
    DataSettings,
    EmbeddingSettings,
    EncoderSettings,
    HeadSettings,
    HoldoutSettings,
    LookupSettings,
    Positive,
    Rate,
    RecurrentSettings,
    Settings,
    Share,
    Size,
    TaggerTrainingSettings,
    TrainingSettings,
    WordSettings,
    group,
)
from elman.settings.presets import PRESETS

__all__ = [
    "OPTIONS",
    "PRESETS",
    "Count",
    "DataSettings",
    "EmbeddingSettings",
    "EncoderSettings",
    "HeadSettings",
    "HoldoutSettings",
    "LookupSettings",
    "Positive",
    "Rate",
    "RecurrentSettings",
    "Settings",
    "Share",
    "Size",
    "TaggerTrainingSettings",
    "TaskSettings",
    "TrainingSettings",
    "WordSettings",
    "dumps",
    "from_dict",
    "group",
    "load",
    "task_of",
    "to_dict",
]
