"""Tasks that are the tagger's with other defaults; see ``elman.data.label_columns`` for where their labels are."""

from __future__ import annotations

from dataclasses import field as default

from elman.settings.groups import DataSettings, HeadSettings, Settings, group


@group
class PosSettings(Settings):
    """Parts of speech: each token has a label of its own."""

    task = "pos"

    head: HeadSettings = default(default_factory=lambda: HeadSettings(kind="softmax", scheme="token"))
    data: DataSettings = default(default_factory=lambda: DataSettings(layer="pos"))


@group
class ChunkSettings(Settings):
    """Chunks: noun, verb and other phrases, none within another."""

    task = "chunks"

    head: HeadSettings = default(default_factory=HeadSettings)
    data: DataSettings = default(default_factory=lambda: DataSettings(layer="chunks"))


PRESETS: dict[str, type[Settings]] = {kind.task: kind for kind in (PosSettings, ChunkSettings)}
"""By their names, for ``--task``."""
