"""The report as a file, in the form that the name asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.data.document import Document
    from elman.metrics.assessment import Assessment

FORMS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".json": "json"}
"""What the end of a name asks for."""


def report_form(path: Path) -> str:
    """The form of the report at a path; asked before the work, so that nobody waits for an error.

    Raises:
        UsageError: if the name asks for none, or there is no such folder.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"{path}: a report ends in {', '.join(FORMS)}; got {path.suffix!r}")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} for {path.name}; make it, or give --report another file")
    return form


def write_report(path: Path, assessment: Assessment, *, tried: Document | None = None) -> None:
    """Write the report; what is there is replaced when the new one is whole.

    Args:
        path: the file; its end says whether HTML, Markdown or JSON is wanted.
        assessment: what to show.
        tried: a text that the system has tagged; only a page shows it.

    Raises:
        DataError: if the file cannot be written.
        UsageError: if the name asks for no form, or there is no such folder.
    """
    form = report_form(path)
    if form == "html":
        from elman.cli.report_page import write_page

        write_page(path, assessment, tried=tried)
        return
    from elman.data.formats.sinks import written

    with written(path) as put:
        if form == "json":
            put(json.dumps(assessment.to_json(), indent=1) + "\n")
        else:
            from elman.metrics.markdown import render_markdown

            put(render_markdown(assessment))
