"""``elman bench``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from elman.cli.options import EngineOption, Format, Json, PrecisionOption, Scheme, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.data.document import Document


def bench(
    model: Annotated[Path, typer.Argument(metavar="[MODEL]", help="Model folder.")] = Path("model"),
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Texts, labelled or not; else the corpus's part that is for testing."),
    ] = None,
    peers: Annotated[
        str,
        typer.Option(metavar="NAME,...", help="Whom to compare with: spacy, slovnet, transformer, or module:Class."),
    ] = "spacy,slovnet,transformer",
    spacy: Annotated[
        str, typer.Option(metavar="NAME", help="spaCy's pipeline, by its name or folder.")
    ] = "en_core_web_sm",
    slovnet: Annotated[
        str, typer.Option(metavar="MODEL.tar,NAVEC.tar", help="Slovnet's model and its vectors; it has no own copy.")
    ] = "",
    threads: Annotated[int, typer.Option(min=0, metavar="N", help="Threads of each system; 0 for one a core.")] = 0,
    isa: Annotated[
        Literal["native", "avx2"], typer.Option(help="avx2: hold the libraries to what an older processor has.")
    ] = "native",
    rounds: Annotated[int, typer.Option(min=1, metavar="N", help="How often to measure each.")] = 5,
    words: Annotated[int, typer.Option(min=0, metavar="N", help="Take texts up to so many words; 0 for all.")] = 50_000,
    sentences: Annotated[int, typer.Option(min=1, metavar="N", help="How many sentences are tagged one by one.")] = 500,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="OLD=NEW,...",
            help="Rename labels, of the data and of all systems, for F1; an empty NEW leaves a label out.",
        ),
    ] = "",
    engine: EngineOption = "auto",
    precision: PrecisionOption = "float32",
    json: Json = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the JSON to a file, too.")] = None,
) -> None:
    """Compare with other recognisers on this machine: speed, latency, start, memory, disk, F1.

    Raw text in, entities out; a word is what stands between white space, for all alike. Each system runs in processes
    of its own, held to the same threads; the order turns around from round to round. Ctrl-C ends it after the last
    whole round.
    """
    import elman
    from elman.cli.bench_tables import tables
    from elman.data.labels import parse_map
    from elman.pipelines.bench.comparing import Plan, compare_systems, write_result
    from elman.runtime.evaluation import read_gold

    names = parse_map(labels)
    source = data or Path(elman.__file__).with_name("corpus") / "test.jsonl"
    documents: list[Document] = list(read_gold(source, format, scheme))
    plan = Plan(
        model=model,
        peers=[peer.strip() for peer in peers.split(",") if peer.strip()],
        paths={"spacy": [spacy], "slovnet": _paths(slovnet)},
        threads=threads,
        isa=isa,
        rounds=rounds,
        words=words,
        sentences=sentences,
        names=names,
        engine=engine,
        precision=precision,
    )
    if ":" in peers:
        # A system of the user's own may be in a file in this folder.
        sys.path.append(str(Path.cwd()))
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(f"--out: no folder {out.absolute().parent}; make it first")
    result: dict[str, Any] = compare_systems(plan, documents, "corpus" if data is None else data.name, say)
    if out is not None:
        write_result(result, out)
        say(f"written to {out}")
    if json:
        print_json(result)
    else:
        print(tables(result), end="")


def _paths(text: str) -> list[str]:
    return [path.strip() for path in text.split(",") if path.strip()]
