"""What computes a network's scores; everything before and after that is the same for all engines."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, Protocol

from elman.errors import UsageError
from elman.model.layers import CLASSIC, variant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from elman.model.folder import ModelFolder
    from elman.runtime.inputs import TypeInputs, TypeRows

EngineName = Literal["auto", "numpy", "onnx"]
Precision = Literal["float32", "int8"]


class Engine(Protocol):
    """A tagger's network, ready to run; calls may come from several threads at once."""

    @property
    def name(self) -> str:
        """By which it is chosen."""
        ...

    @property
    def precision(self) -> str:
        """In which its recurrence computes: ``float32`` or ``int8``."""
        ...

    @property
    def inputs(self) -> TypeInputs:
        """What makes the rows that it reads."""
        ...

    def emissions(self, rows: TypeRows, places: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """The scores of each tag at each token.

        A window's scores do not depend, to the last bit, on the windows that come with it.

        Args:
            rows: from ``inputs``, of the distinct word types of some windows.
            places: the type of each token, window after window.
            lengths: tokens of each window, at least 1.

        Returns:
            Tokens x K.
        """
        ...


def engine_for(folder: ModelFolder, name: EngineName = "auto", precision: Precision = "float32") -> Engine:
    """The engine of a model.

    Args:
        folder: the model.
        name: ``onnx`` computes in ONNX Runtime, ``numpy`` in NumPy; ``auto`` is ONNX Runtime where
            it is installed and has the model's layers: Elman with tanh, LSTM and GRU without options.
        precision: of the recurrent product; NumPy has only ``float32``.

    Raises:
        UsageError: if there is no such engine or precision, or ONNX Runtime is asked for and not installed, or does
            not have the layers.
    """
    if name not in ("auto", "numpy", "onnx"):
        raise UsageError(f"expected an engine out of auto, numpy and onnx, got {name!r}")
    if precision not in ("float32", "int8"):
        raise UsageError(f"expected a precision out of float32 and int8, got {precision!r}")
    architecture = folder.manifest.architecture
    known = (layers := variant(architecture["encoder"])) in CLASSIC
    if name == "onnx" or precision != "float32" or (name == "auto" and known and find_spec("onnxruntime")):
        if not known:
            raise UsageError(
                f"expected layers out of {', '.join(CLASSIC)} for the engine onnx and for the precision int8, got "
                f"{layers}; take the engine numpy, and float32"
            )
        if name == "numpy":
            raise UsageError(f"the engine numpy computes in float32 only, not in {precision}; take the engine onnx")
        from elman.runtime.onnx_engine import OnnxEngine

        return OnnxEngine(architecture, folder.tensors, precision)
    from elman.runtime.numpy_engine import NumpyEngine

    return NumpyEngine(architecture, folder.tensors)
