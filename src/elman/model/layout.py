"""The tensors of a tagger: their names, types and shapes, as its manifest and vocabularies imply them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.errors import ModelError
from elman.features.vocabulary import FIRST
from elman.model.layers import output_of_characters, output_of_encoder, tensors_of_characters, tensors_of_encoder
from elman.model.manifest import RESTORE, WEIGHTS
from elman.model.precision import FIXED, LEARNED, PLAIN, Tensor, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elman.features.lexicon import Lexicon
    from elman.model.manifest import Manifest


def layout(manifest: Manifest, lexicon: Lexicon) -> dict[str, Tensor]:
    """Every tensor that the weights hold, in the forms that the manifest says.

    Raises:
        ModelError: if the manifest says that more words learned than there are.
    """
    embedding, encoder = manifest.architecture["embedding"], manifest.architecture["encoder"]
    rows, fixed = FIRST + manifest.learned_words, len(lexicon.words) - FIRST - manifest.learned_words
    if fixed < 0:
        raise ModelError(
            f"the model says that {manifest.learned_words} words learned, its word list has "
            f"{len(lexicon.words) - FIRST}; {RESTORE}"
        )
    shapes: dict[str, tuple[int, ...]] = {LEARNED: (rows, embedding["word_size"])}
    if fixed or manifest.precision == PLAIN:
        shapes[FIXED] = (fixed, embedding["word_size"])
    characters, size, output = (embedding[key] for key in ("characters", "character_size", "character_output"))
    width = embedding["word_size"] + embedding["shape_size"]
    if characters != "none":
        output = output_of_characters(characters, output)
        shapes |= _within("embed.characters", tensors_of_characters(characters, len(lexicon.characters), size, output))
        width += output
    if embedding["shape_size"]:
        shapes["embed.shapes.weight"] = (len(lexicon.shapes), embedding["shape_size"])
    if context := encoder["context"]:
        shapes |= {"context.weight": (context, width), "context.bias": (context,)}
        width += context
    shapes |= _within("encode", tensors_of_encoder(encoder, width))
    tags = len(manifest.tags)
    shapes |= {"head.project.weight": (tags, output_of_encoder(encoder)), "head.project.bias": (tags,)}
    if manifest.architecture["head"]["kind"] == "crf":
        shapes |= {"head.crf.start": (tags,), "head.crf.transition": (tags, tags), "head.crf.end": (tags,)}
    precision, tensors = manifest.precision, dict[str, Tensor]()
    for name, shape in shapes.items():
        tensors |= stored(name, shape, precision)
    return tensors


def check_tensors(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Compare the tensors that are there with those that have to be.

    Raises:
        ModelError: which lists what differs.
    """
    faults = [
        f"{name} is {_shown(found.get(name))}, expected {_shown(expected.get(name))}"
        for name in sorted({*found, *expected})
        if found.get(name) != expected.get(name)
        and not (name == FIXED and name not in found and expected[name].shape[0] == 0)
    ]
    if faults:
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise ModelError(f"{WEIGHTS} does not fit the model: {'; '.join(faults[:3])}{more}; {RESTORE}")


def _within(place: str, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {f"{place}.{name}": shape for name, shape in shapes.items()}


def _shown(tensor: Tensor | None) -> str:
    return "absent" if tensor is None else f"{tensor.dtype} of {' x '.join(map(str, tensor.shape))}"
