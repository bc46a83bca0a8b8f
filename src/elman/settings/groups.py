"""The groups of settings that tasks share, and those of the tagger."""

from __future__ import annotations

from dataclasses import field as default
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from elman.settings.spelling import spelt

if TYPE_CHECKING:
    from typing import Self

# Strict: true is no integer, 3.0 neither, and "3" is no number. An integer does for a real number.
_CONFIG = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

_Group = TypeVar("_Group")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(default,))
def group(kind: type[_Group]) -> type[_Group]:
    """Makes a class a group of settings, or the settings of a task: a frozen dataclass that checks its values."""
    return dataclass(kind, frozen=True, kw_only=True, config=_CONFIG)  # type: ignore[return-value]


Positive = Annotated[float, Field(gt=0)]
"""A number above 0."""
Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, which may be the whole."""

Rate = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole, which must not be the whole: of dropout, something has to remain."""

Count = Annotated[int, Field(ge=0)]
"""A whole number, 0 included."""

Size = Annotated[int, Field(ge=1)]
"""A whole number, at least 1."""


@group
class LookupSettings:
    """How words are looked up, and read by their characters."""

    lowercase: bool = True
    """Whether words are looked up in lower case."""
    digits_to_zero: bool = True
    """Whether every digit of a word is read as 0, so that numbers of one pattern share a row."""
    min_count: Size = 1
    """Words seen less often than this in training share the row of the unknown word."""
    unknown_rate: Share = 0.5
    """The share of the words seen once, and without a pretrained vector, that training shows as unknown."""
    kept_vectors: Count = 100_000
    """Pretrained vectors kept in the model for words that training does not hold, the most frequent first."""
    characters: Literal["convolution", "lstm", "none"] = "convolution"
    """The network that reads a word's characters."""
    character_size: Size = 40
    """Numbers in a character's vector."""
    character_output: Annotated[int, Field(ge=2)] = 100
    """Numbers that the characters of a word become; of an lstm half of them in each direction."""
    character_limit: Size = 24
    """At most this many characters of a word are read."""


@group
class EmbeddingSettings(LookupSettings):
    """How words become vectors: by themselves, by their characters and by their shape."""

    word_size: Size = 100
    """Numbers in a word's vector; ignored when pretrained vectors are given, which have their own size."""
    kept_vectors: Count = 400_000
    """Pretrained vectors kept in the model for words that training does not hold, the most frequent first."""
    shape_size: Count = 20
    """Numbers in the vector of a word's shape (capitals, digits, punctuation); 0 leaves shapes out."""


@group
class WordSettings(LookupSettings):
    """How words become vectors: by themselves, and by their characters."""

    size: Size = 100
    """Numbers in a word's vector; ignored when pretrained vectors are given, which have their own size."""


OPTIONS = {
    "activation": ("elman",),
    "start": ("elman",),
    "forget_bias": ("lstm", "minlstm", "slstm"),
    "peepholes": ("lstm",),
    "coupled": ("lstm",),
    "reach": ("window", "convolution"),
}
"""The cells that an encoder's option is for."""

_NO_RECURRENCE = ("bag", "window", "convolution")


@group
class RecurrentSettings:
    """The recurrent network."""

    cell: Literal["elman", "lstm", "gru", "sru", "mingru", "minlstm", "slstm", "bag", "window", "convolution"] = "lstm"
    """The recurrent cell; or, to compare with, layers without recurrence: bag reads a token and the mean of its
    sentence, window a token and its neighbours, convolution neighbours of neighbours in each further layer."""
    activation: Literal["tanh", "sigmoid", "relu"] = "tanh"
    """For elman: what is around its sum."""
    start: Literal["orthogonal", "identity"] = "orthogonal"
    """For elman: what its recurrent matrix is at first; identity goes with relu and recurrent_dropout = 0."""
    forget_bias: Annotated[float, Field(ge=-10, le=10)] = 1.0
    """For lstm, minlstm and slstm: the forget gate's bias at first; the larger, the longer a state is kept."""
    peepholes: bool = False
    """For lstm: whether the gates see the cell state."""
    coupled: bool = False
    """For lstm: whether just so much is taken in as is forgotten, without an input gate."""
    reach: Size = 2
    """For window and convolution: how many tokens on each side one sees; in a convolution's further layers they are
    2, 4, 8, ... apart."""
    directions: Literal["both", "forward"] = "both"
    """both reads a sequence from its start and from its end; forward from its start alone."""
    hidden: Size = 200
    """Units in each direction of each layer."""
    layers: Size = 1
    """Layers, one on top of the other."""
    input_dropout: Rate = 0.35
    """The share of the input vectors' numbers that training sets to zero before the first layer."""
    dropout: Rate = 0.5
    """The share of each layer's output that training sets to zero."""
    recurrent_dropout: Rate = 0.25
    """The share of the recurrent weights that training sets to zero, other ones in each batch; sru, mingru, minlstm and
    the layers without recurrence have none."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """What each setting alone may be, but not together."""
        for option in fields(self):
            cells, value = OPTIONS.get(option.name, (self.cell,)), getattr(self, option.name)
            if self.cell not in cells and value != option.default:
                raise ValueError(
                    f'expected {option.name} = {spelt(option.default)} with cell = "{self.cell}", since it is for '
                    f"{' and '.join(cells)} alone; got {spelt(value)}"
                )
        if self.start == "identity" and self.recurrent_dropout:
            raise ValueError(
                'expected recurrent_dropout = 0 with start = "identity", since what remains is scaled up and '
                f"states would grow at every step; got {self.recurrent_dropout:g}"
            )
        if self.cell in _NO_RECURRENCE and self.directions == "forward":
            raise ValueError(
                f'expected directions = "both" with cell = "{self.cell}", which reads on both sides of a token; '
                'got "forward"'
            )
        return self


@group
class EncoderSettings(RecurrentSettings):
    """The recurrent network."""

    lookahead: Count = 0
    """With directions = "forward": how many tokens beyond a token have been read before it is tagged."""
    context: Count = 100
    """Numbers in the summary of the whole sentence that each token reads beside its own vector; 0 leaves it out, which
    directions = "forward" wants."""

    @model_validator(mode="after")
    def _reads(self) -> Self:
        """What goes with a direction."""
        if self.directions == "both" and self.lookahead:
            raise ValueError(
                f'expected lookahead = 0 with directions = "both", which reads all that follows; got {self.lookahead}'
            )
        if self.directions == "forward" and self.context:
            raise ValueError(
                f'expected context = 0 with directions = "forward", since the summary is of the whole sentence; '
                f"got {self.context}"
            )
        return self


@group
class HeadSettings:
    """How the states of the network become tags."""

    kind: Literal["crf", "softmax"] = "crf"
    """crf scores whole sequences of tags, softmax each tag alone."""
    scheme: Literal["io", "iob1", "iob2", "ioe1", "ioe2", "biluo", "iobes", "bmewo", "token"] = "iobes"
    """The tag scheme that the network learns, whichever one the data are in; with token each token has a label of its
    own."""


@group
class TrainingSettings:
    """How the weights are found."""

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 1
    """Where the random numbers start; the same seed, data and machine give the same weights."""
    epochs: Size | None = None
    """Passes over the training set; chosen from its size if auto."""
    batch_tokens: Size | None = None
    """Tokens in a batch, padding included; chosen from the size of the training set if auto."""
    learning_rate: Annotated[float, Field(gt=0)] = 0.004
    """The largest step size, reached after the warm-up."""
    vector_learning_rate: Annotated[float, Field(ge=0)] = 0.1
    """A factor on the step size of pretrained word vectors; 0 leaves them as they were."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the step size goes from its largest value towards 0, or that it does not."""
    warmup: Rate = 0.05
    """The share of all steps during which the step size grows from 0 to its largest value."""
    clip_norm: Annotated[float, Field(gt=0)] = 5.0
    """A gradient longer than this is shortened to it."""
    averaging: Rate = 0.999
    """How much of the averaged weights, which are judged and stored, each step keeps; 0 turns it off."""
    patience: Count = 0
    """Evaluations without a gain on the development set before training stops; 0 never stops it early."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """How strongly weights are drawn to 0 at each step, as a factor on the step size."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """The arithmetic of the network's matrix products; bfloat16 is for processors and GPUs that have it."""
    threads: Count = 0
    """Processor threads; 0 takes all cores."""
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 300.0
    """Seconds from one checkpoint to the next: what a killed run loses at most."""


@group
class TaggerTrainingSettings(TrainingSettings):
    """How the weights are found."""

    neighbours: Annotated[float, Field(ge=0)] | None = None
    """How much predicting the words before and after each word counts beside the tags; 0 leaves it out; chosen from
    the size of the training set if auto."""


@group
class HoldoutSettings:
    """How files are read."""

    holdout: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The share of the training examples that becomes the development set where none is given."""


@group
class DataSettings(HoldoutSettings):
    """How labelled files are read."""

    repair: Literal["refuse", "conlleval", "drop"] = "conlleval"
    """What happens to an invalid tag: refuse the file, start an entity there, or drop the entity."""
    partial: Literal["outside", "inside"] = "outside"
    """A span that cuts a token: outside grows it to whole tokens, inside shrinks it to those it covers."""
    layer: Annotated[str, Field(min_length=1)] = "entities"
    """The layer of spans to learn."""
    overlap: Literal["longest", "first", "error", "layers"] = "longest"
    """Which of two overlapping spans is kept, that it is an error, or layers: the inner ones are in entities/2, ..."""


@group
class Settings:
    """All settings of a training run, by group; each group has its defaults.

    Raises:
        pydantic.ValidationError: if a value has the wrong type or is out of range, here and in every group;
            ``load`` and ``from_dict`` raise SettingsError instead.
    """

    task = "tagging"

    embedding: EmbeddingSettings = default(default_factory=EmbeddingSettings)
    encoder: EncoderSettings = default(default_factory=EncoderSettings)
    head: HeadSettings = default(default_factory=HeadSettings)
    training: TaggerTrainingSettings = default(default_factory=TaggerTrainingSettings)
    data: DataSettings = default(default_factory=DataSettings)
