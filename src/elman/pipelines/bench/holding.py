"""Holding libraries to some threads and to the instructions of an older processor, by their environment variables."""

from __future__ import annotations

import os
from typing import Any, Literal

Isa = Literal["native", "avx2"]

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
)

_AVX2 = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "DNNL_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "BLIS_ARCH_TYPE": "haswell",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}

UNHELD = "ONNX Runtime's own kernels take no such limit: what runs in it used all that the processor has"
"""What holding to AVX2 does not reach."""


def environment(threads: int, isa: Isa) -> dict[str, str]:
    """The environment of a process that is held.

    Args:
        threads: of each library, at least 1.
        isa: ``native`` for all that the processor has, ``avx2`` for no more than AVX2.
    """
    held = dict(os.environ) | dict.fromkeys(_THREADS, str(threads))
    # Set, it keeps the tokenizers' threads from being given up after a fork.
    held["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
    if isa == "avx2":
        held |= _AVX2
        if beyond := _beyond_avx2():
            held["NPY_DISABLE_CPU_FEATURES"] = " ".join(beyond)
    return held


def _beyond_avx2() -> list[str]:
    """The features that NumPy would use here and that AVX2 does not have; naming others would make it complain."""
    from importlib import import_module

    core: Any = import_module("numpy._core._multiarray_umath")
    present: dict[str, bool] = core.__cpu_features__
    newer = ("AVX512", "AVX10", "AMX", "X86_V4")
    return [name for name in core.__cpu_dispatch__ if name.startswith(newer) and present.get(name)]
