"""Any model folder, ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.errors import UsageError
from elman.model.task_folder import task_in
from elman.tasks.registry import TAGGING

if TYPE_CHECKING:
    from elman.runtime.engine import EngineName, Precision


def load(path: Path | str, engine: EngineName = "auto", precision: Precision = "float32") -> Any:
    """Read a model folder.

    Args:
        path: the folder.
        engine: of a tagger what computes: ``onnx`` (ONNX Runtime), ``numpy``, or ``auto``, the faster one
            that is installed.
        precision: of a tagger ``float32``, or ``int8`` for weights and states of the recurrent product, which is
            faster.

    Returns:
        ``elman.runtime.tagger.Tagger`` for a tagger, ``elman.runtime.predictor.Predictor`` for every other task.

    Raises:
        ModelError: if there is none, or it is damaged, altered or of a newer protocol.
        UsageError: if the engine is not installed, does not have the precision, or does not have the task.
    """
    if task_in(Path(path)) == TAGGING:
        from elman.runtime.tagger import load as load_tagger

        return load_tagger(path, engine, precision)
    from elman.runtime.predictor import load as load_predictor

    if engine == "onnx" or precision != "float32":
        raise UsageError("models of other tasks than tagging are computed by NumPy in float32; leave the engine out")
    return load_predictor(path)
