"""The same few vectors in every format, written independently of the readers."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile

import numpy as np

from elman.features.vectors import Vectors, write_compact

WORDS = ("the", ",", "Zürich", "don't", ". . .", "2007")
# Quarters are exact in every format; the largest of each row has a scale that is exact in float16.
MATRIX = np.array(
    [
        [0.25, -1.5, 31.75],
        [0, 0, 31.75],
        [-3.5, 31.75, 0.5],
        [1, 2, 31.75],
        [-31.75, 4, 0.25],
        [31.75, 0.75, -0.25],
    ],
    dtype=np.float32,
)


def glove(path):
    path.write_text("".join(f"{word} {_decimals(row)}\n" for word, row in zip(WORDS, MATRIX, strict=True)), "utf-8")


def word2vec_text(path):
    glove(path)
    path.write_text(f"{len(WORDS)} 3\n" + path.read_text("utf-8"), "utf-8")


def fasttext(path):
    word2vec_text(path)
    path.write_text(path.read_text("utf-8").replace("\n", " \n").replace("3 \n", "3\n", 1), "utf-8")


def word2vec_binary(path, end=b"\n"):
    words = [word.replace(" ", "_") for word in WORDS]
    rows = [word.encode() + b" " + struct.pack("<3f", *row) + end for word, row in zip(words, MATRIX, strict=True)]
    path.write_bytes(f"{len(WORDS)} 3\n".encode() + b"".join(rows))


def gensim_binary(path):
    word2vec_binary(path, end=b"")


def npz(path):
    with path.open("wb") as file:
        np.savez(file, words=np.array(WORDS), matrix=MATRIX.astype(np.float64))


def wink(path):
    vectors = {
        word: [*row.tolist(), float(np.linalg.norm(row)), at]
        for at, (word, row) in enumerate(zip(WORDS, MATRIX, strict=True))
    }
    whole = {
        "precision": 8,
        "l2NormIndex": 3,
        "wordIndex": 4,
        "dimensions": 3,
        "words": list(WORDS),
        "vectors": vectors,
    }
    path.write_text(json.dumps(whole | {"unkVector": [0, 0, 0, 0, -1]}), "utf-8")


def navec(path, order=(5, 3, 0, 1, 4, 2)):
    """As Navec's own writer does: words in another order than their counts, each number a centroid."""
    words = "\n".join(WORDS[at] for at in order).encode()
    counts = np.array([100 - at for at in order], dtype="<u4").tobytes()
    codes = MATRIX.T[:, :, None]  # 3 parts x 6 centroids x 1
    indices = np.array(order, dtype=np.uint8)[:, None].repeat(3, axis=1)
    quantised = np.array([len(WORDS), 3, 3, len(WORDS)], dtype="<u4").tobytes() + indices.tobytes() + codes.tobytes()
    members = {
        "meta.json": json.dumps({"id": "test", "protocol": 1}).encode(),
        "vocab.bin": gzip.compress(struct.pack("<I", len(WORDS)) + counts + words),
        "pq.bin": quantised,
    }
    write_tar(path, members)


def write_tar(path, members):
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def compact(path):
    write_compact(Vectors(WORDS, MATRIX), path)


FORMATS = (glove, word2vec_text, fasttext, word2vec_binary, gensim_binary, npz, wink, navec, compact)


def _decimals(row):
    return " ".join(f"{value:g}" for value in row)
