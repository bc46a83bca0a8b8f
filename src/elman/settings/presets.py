"""Tasks that are the tagger's with other defaults."""

from __future__ import annotations

from dataclasses import field as default

from elman.data.label_columns import CHUNKS, POS
from elman.settings.groups import DataSettings, HeadSettings, Settings, group


@group
class PosSettings(Settings):
    """Parts of speech: each token has a label of its own."""

    task = POS

    head: HeadSettings = default(default_factory=lambda: HeadSettings(kind="softmax", scheme="token"))
    data: DataSettings = default(default_factory=lambda: DataSettings(layer=POS))


@group
class ChunkSettings(Settings):
    """Chunks: noun, verb and other phrases, none within another."""

    task = CHUNKS

    head: HeadSettings = default(default_factory=HeadSettings)
    data: DataSettings = default(default_factory=lambda: DataSettings(layer=CHUNKS))


PRESETS: dict[str, type[Settings]] = {kind.task: kind for kind in (PosSettings, ChunkSettings)}
"""By their names, for ``--task``."""
