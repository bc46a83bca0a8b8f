"""Pretrained word vectors: reading them, finding words in them, keeping them small."""

from elman.features.vectors.compact import dequantize, quantize, write_compact
from elman.features.vectors.reading import read_vectors
from elman.features.vectors.table import Coverage, Match, Share, Vectors

__all__ = [
    "Coverage",
    "Match",
    "Share",
    "Vectors",
    "dequantize",
    "quantize",
    "read_vectors",
    "write_compact",
]
