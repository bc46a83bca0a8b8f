"""The model folder of every task but tagging: a network made of parts, and what the task itself has to know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.document import ENTITIES
from elman.errors import ModelError
from elman.model.manifest import CHECKSUM, MANIFEST, METRICS, PROTOCOL, RESTORE, decode_tree, files_of
from elman.model.parts import KINDS, Words, decode_part, encode_part
from elman.model.precision import Tensor
from elman.model.sealed import Files, reading, seal
from elman.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.model.parts import Parts


@dataclass(frozen=True)
class TaskFolder:
    """A model, read and checked.

    Attributes:
        path: where it is.
        elman: the version that wrote it.
        task: the task's name.
        about: what the task says of itself, as plain values.
        parts: what its network is made of.
        texts: the task's own files as text, by its names for them.
        tensors: the weights, read-only, by ``PART.NAME``.
        metrics: what ``metrics.json`` says.
        checksum: another one, another model.
    """

    path: Path
    elman: str
    task: str
    about: Mapping[str, Any]
    parts: Parts
    texts: Mapping[str, str]
    tensors: Mapping[str, NDArray[Any]]
    metrics: Mapping[str, Any]
    checksum: str


def task_in(path: Path) -> str:
    """The task that a model folder is for.

    Raises:
        ModelError: if there is no folder, its ``model.json`` was altered, or it is of a newer protocol.
    """
    with reading(path) as content:
        task = decode_tree(content).get("task")
        if not isinstance(task, str):
            raise ModelError(f"{MANIFEST}: task: expected a name, got {task!r}; {RESTORE}")
    return task


def layer_in(path: Path) -> str:
    """The layer of spans that the model folder of a tagger is for.

    Raises:
        ModelError: as ``task_in``.
    """
    with reading(path) as content:
        return str(decode_tree(content).get("layer", ENTITIES))


def metrics_in(path: Path) -> dict[str, Any]:
    """What ``metrics.json`` of a model folder of any task says.

    Raises:
        ModelError: if it cannot be read.
    """
    with reading(path):
        found: dict[str, Any] = json.loads((path / METRICS).read_bytes())
    return found


def write_task(
    path: Path,
    task: str,
    about: Mapping[str, Any],
    parts: Parts,
    texts: Mapping[str, str],
    tensors: Mapping[str, NDArray[Any]],
    metrics: Mapping[str, Any],
    card: str,
    *,
    replace: bool,
) -> None:
    """Write a model folder; see ``elman.model.sealed.seal``.

    Args:
        path: the folder.
        task: the task's name.
        about: what the task says of itself, as plain values.
        parts: what its network is made of.
        texts: the task's own files, each ``NAME`` of which becomes ``NAME.txt``.
        tensors: the weights, by ``PART.NAME``.
        metrics: what ``metrics.json`` says.
        card: what ``README.md`` says.
        replace: whether a model that is there gives way.
    """
    expected = layout(parts)
    stored = {
        name: array.astype(np.float16 if expected[name].dtype == "F16" else np.float32, copy=False)
        for name, array in tensors.items()
    }
    tree = {
        "protocol": PROTOCOL,
        "elman": __version__,
        "task": task,
        "about": about,
        "parts": {name: encode_part(part) for name, part in parts.items()},
        "texts": {name: f"{name}.txt" for name in texts},
    }
    named = {f"{name}.txt": text for name, text in texts.items()}

    def checked(whole: str) -> Mapping[str, Tensor]:
        return layout(_parts(decode_tree(whole)))

    seal(path, tree, stored, named, metrics, card, checked, replace=replace)


def read_task(path: Path) -> TaskFolder:
    """Read a model folder.

    Raises:
        ModelError: if there is none, if it is of a newer protocol, or if a file is missing, truncated, altered or does
            not fit the rest; the message names the file and says what to do.
    """
    path = Path(path)
    with reading(path) as content:
        tree = decode_tree(content)
        task, names = tree.get("task"), tree.get("texts")
        if "parts" not in tree:
            raise ModelError(f"this is a model for {task}, not for predict; run it with elman tag")
        parts = _parts(tree)
        if not isinstance(task, str):
            raise ModelError(f"{MANIFEST}: task: expected a name, got {task!r:.80}; {RESTORE}")
        if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
            raise ModelError(f"{MANIFEST}: texts: expected an object of file names, got {names!r:.80}; {RESTORE}")
        files = Files(path, files_of(tree, names))
        about = tree.get("about")
        if not isinstance(about, dict):
            raise ModelError(f"{MANIFEST}: about: expected an object, got {about!r:.80}; {RESTORE}")
        tensors = files.tensors(layout(parts))
        for array in tensors.values():
            array.flags.writeable = False
        return TaskFolder(
            path,
            str(tree.get("elman")),
            task,
            about,
            parts,
            {key: files.small[name].decode() for key, name in names.items()},
            tensors,
            json.loads(files.small[METRICS]),
            tree[CHECKSUM],
        )


def layout(parts: Parts) -> dict[str, Tensor]:
    """The tensors of a network; fixed vectors are stored with half the digits."""
    return {
        f"{name}.{tensor}": Tensor("F16" if isinstance(part, Words) and tensor == "fixed" else "F32", shape)
        for name, part in parts.items()
        for tensor, shape in part.tensors().items()
    }


def _parts(tree: Mapping[str, Any]) -> Parts:
    listed = tree.get("parts")
    if not isinstance(listed, dict):
        raise ModelError(f"{MANIFEST}: parts: expected an object, got {listed!r:.80}; {RESTORE}")
    return {name: decode_part(part, KINDS, f"{MANIFEST}: parts.{name}") for name, part in listed.items()}
