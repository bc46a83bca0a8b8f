"""Named entity recognition and other sequence tasks with recurrent networks, on an ordinary CPU.

What is here is the public face. Nothing is imported before it is used, so that a program that tags does not
wait for what trains.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from elman.data.document import Document as Document
    from elman.data.document import Region as Region
    from elman.data.document import Relation as Relation
    from elman.data.document import Span as Span
    from elman.data.document import Tokens as Tokens
    from elman.data.formats import read as read
    from elman.data.formats import write as write
    from elman.data.schemes import Repair
    from elman.features.vectors import Vectors
    from elman.metrics.matching import Mode
    from elman.metrics.score import Result
    from elman.pipelines.parting import Align
    from elman.runtime.loading import load as load
    from elman.runtime.predictor import Predictor
    from elman.runtime.tagger import Tagger
    from elman.settings import Settings, TaskSettings
    from elman.training.records import Record
    from elman.training.train import Outcome

__all__ = [
    "Document",
    "Region",
    "Relation",
    "Span",
    "Tokens",
    "evaluate",
    "load",
    "read",
    "score",
    "train",
    "write",
]

_HOMES = {
    "__version__": "elman.version",
    "Document": "elman.data.document",
    "Region": "elman.data.document",
    "Relation": "elman.data.document",
    "Span": "elman.data.document",
    "Tokens": "elman.data.document",
    "load": "elman.runtime.loading",
    "read": "elman.data.formats",
    "write": "elman.data.formats",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def train(
    train: Path | str | list[Any],
    dev: Path | str | list[Any] | None = None,
    test: Path | str | list[Any] | None = None,
    *,
    out: Path | str,
    task: str | None = None,
    seed: int | None = None,
    settings: Settings | TaskSettings | Path | str | None = None,
    vectors: Vectors | Path | str | None = None,
    init: Path | str | None = None,
    labels: Mapping[str, str] | None = None,
    device: str = "auto",
    seeds: int = 1,
    resume: bool = False,
    force: bool = False,
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    observers: Sequence[Callable[[Record], None]] = (),
    say: Callable[[str], None] = lambda line: None,  # noqa: ARG005
) -> Outcome:
    """Train a model and leave its folder at ``out``. Needs ``elman[train]``.

    Args:
        train: a labelled file, or documents; of other tasks than tagging a file or examples as the task reads them.
        dev: what to judge by; without it a share of the training documents is held out.
        test: scored once, at the end.
        out: the folder to write; with several seeds the best one's, the others' are beside it.
        task: a name out of ``elman.tasks.registry``; by default what the settings are for, else ``tagging``.
        seed: where the random numbers start, in the place of the settings' seed.
        settings: sizes and pace, or a TOML file with them; by default the defaults.
        vectors: pretrained word vectors, or a file of them.
        init: of a tagger: a model folder to go on from.
        labels: of a tagger: new names for labels, an empty one to drop a label's spans.
        device: ``auto``, ``cpu`` or ``cuda``.
        seeds: how many times to train, from the seed up.
        resume: go on with a run that was cut off.
        force: replace what is at ``out``.
        format: the files', or None to find it out.
        scheme: of a tagger: their tags', or None to find it out.
        observers: each gets every record of every run.
        say: gets a line for everything found out on the way.

    Raises:
        DataError: if a file is not what it should be.
        SettingsError: if the settings are wrong, with all faults.
        TrainingError: if training goes wrong beyond recovery.
        UsageError: if the call cannot be carried out as given, or ``elman[train]`` is not installed.
    """
    from dataclasses import replace
    from pathlib import Path

    from elman.errors import UsageError
    from elman.extras import needs

    with needs("train", "training"):
        from elman.features.vectors import read_vectors
        from elman.training.train import settings_for
        from elman.training.train import train as run

    chosen: Any = settings
    if settings is None or isinstance(settings, Path | str):
        chosen = settings_for(task, None if settings is None else Path(settings), ())
    elif task not in (None, settings.task):
        raise UsageError(f"the settings are for {settings.task}, and the task is to be {task}; give others")
    if seed is not None:
        chosen = replace(chosen, training=replace(chosen.training, seed=seed))
    return run(
        train,
        dev,
        test,
        out=out,
        settings=chosen,
        vectors=read_vectors(vectors) if isinstance(vectors, Path | str) else vectors,
        init=init,
        labels=labels,
        device=device,
        seeds=seeds,
        resume=resume,
        force=force,
        format=format,
        scheme=scheme,
        observers=observers,
        say=say,
    )


def evaluate(
    model: Tagger | Predictor | Path | str,
    data: Path | str | Iterable[Any],
    *,
    raw: bool = False,
    labels: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    repair: Repair = "conlleval",
) -> Any:
    """How well a model does on labelled data.

    Args:
        model: a tagger, a predictor, or a folder of either.
        data: a labelled file, or documents; of other tasks than tagging examples as the task reads them.
        raw: whether a tagger gets the bare text; if not, it gets the data's own tokens, where there are any.
        labels: of a tagger: new names for the data's labels; an empty one leaves the label out on both sides.
        format: the file's, or None to find it out.
        scheme: of a tagger: its tags', or None to find it out.
        repair: of a tagger: what happens to an invalid tag in the file: ``refuse`` the file, start an entity there as
            ``conlleval`` does, or ``drop`` the entity.

    Returns:
        ``elman.metrics.score.Result`` of a tagger, and the task's own scores of every other model; all have
        ``figure``, ``to_json()`` and ``lines()``.

    Raises:
        DataError: if the file is not what it should be.
        ModelError: if the model cannot be read.
        UsageError: if an option is for taggers, and the model is none.
    """
    from pathlib import Path

    from elman.errors import UsageError
    from elman.runtime.loading import load
    from elman.runtime.tagger import Tagger

    loaded = load(model) if isinstance(model, Path | str) else model
    if isinstance(loaded, Tagger):
        from elman.metrics.comparison import compare
        from elman.metrics.score import score
        from elman.runtime.evaluation import judge, judged_result, read_gold

        documents: Any = data
        if isinstance(data, Path | str):
            documents = read_gold(data, format, scheme, repair, loaded.layer)
        pairs = judge(loaded, documents, raw=raw, labels=labels)
        return judged_result(loaded, score(compare(pairs, loaded.layer)))
    if raw or labels or scheme is not None:
        raise UsageError(f"raw, labels and scheme are for taggers; leave them out for {loaded.task.name}")
    return loaded.evaluate(loaded.task.read(Path(data), format) if isinstance(data, Path | str) else data)


def score(
    gold: Path | str | Iterable[Document] | Iterable[Sequence[str]],
    predicted: Path | str | Iterable[Document] | Iterable[Sequence[str]] | None = None,
    layer: str = "entities",
    *,
    mode: Mode = "exact",
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    repair: Repair = "conlleval",
    labels: Mapping[str, str] | None = None,
    align: Align = "text",
    say: Callable[[str], None] = lambda line: None,  # noqa: ARG005
) -> Result:
    """How well predicted spans match gold ones.

    Args:
        gold: a file of any format that ``read`` knows; documents; or tags, ``[["B-PER", "O"], ...]``.
        predicted: likewise, of the same texts. Without it gold is a file of columns whose last has the predictions.
        layer: the layer of spans to compare; tags have no other.
        mode: how spans are matched: ``exact``, ``strict``, ``type``, ``partial``, ``boundaries``, ``tokens``,
            ``characters`` or ``surface``, as ``elman.metrics.score.score`` says.
        format: the files', or None to find out each one's.
        scheme: the tags', or None to find it out.
        repair: what happens to an invalid tag: ``refuse`` the input, start an entity there as ``conlleval`` does,
            or ``drop`` the entity.
        labels: new names for labels on both sides; an empty one leaves the label out.
        align: ``text``: texts have to be the same but for white space; ``rows``: they need as many tokens.
        say: gets a line for everything found out on the way.

    Raises:
        DataError: if a file is not what it should be, the texts differ, or tags are not of their scheme.
        UsageError: if the call cannot be carried out as given.
    """
    from pathlib import Path

    sides: list[Any] = [gold] if predicted is None else [gold, predicted]
    sides = [side if isinstance(side, Path | str) else list(side) for side in sides]
    if len(sides) == 2 and not any(isinstance(side, Path | str) for side in sides):
        from elman.data.document import Document
        from elman.errors import UsageError
        from elman.metrics.score import score as score_spans
        from elman.metrics.tags import compare_tags

        if not all(isinstance(item, Document) for side in sides for item in side[:1]):
            if labels or align != "text" or layer != "entities":
                raise UsageError("tags have no layer and no text, and labels are not renamed in them; give documents")
            found = compare_tags(*sides, scheme=scheme, repair=repair)
            for line in found.notes():
                say(line)
            return score_spans(found.comparison, mode)
    from elman.pipelines.scoring import score_systems

    scoring = score_systems(
        sides[0],
        sides[1:],
        mode=mode,
        layer=layer,
        formats=(format, format),
        schemes=(scheme, scheme),
        repair=repair,
        labels=labels,
        align=align,
    )
    for line in scoring.lines():
        say(line)
    return scoring.systems[0].result
