"""The page in a browser: it fits, says nothing on the console, fetches nothing, and its filters work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from elman.cli.report_page import write_page
from elman.data.document import Document, Span
from elman.metrics.assessment import Contrast, Curve, System, assess
from elman.metrics.breakdown import breakdown
from elman.metrics.comparison import Judged
from elman.metrics.intervals import Interval

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser

NAMES = ("CHROMIUM", "chromium", "chromium-browser", "google-chrome", "chrome")

Open = Callable[..., Any]

TEXT = "Ada Byron met Bo in Rome , and " + "Averyveryverylongname" * 8 + " left ."
PAIRS = [
    Judged(
        Document(TEXT, (Span(0, 9, "PERSON"), Span(14, 16, "PERSON"), Span(20, 24, "LOCATION")), id="d" * 90),
        Document(TEXT, (Span(0, 3, "PERSON", score=0.9), Span(20, 24, "ORGANISATION", score=0.4))),
    ),
    Judged(
        Document("Bo ran .", (Span(0, 2, "PERSON"),)), Document("Bo ran .", (Span(3, 6, "WORK_OF_ART", score=0.7),))
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    found = os.environ.get(NAMES[0]) or next(filter(None, map(shutil.which, NAMES[1:])), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES[1:])} is on the PATH, and {NAMES[0]} names none")
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install elman[dev]")
    with api.sync_playwright() as playwright:
        # The sandbox needs rights that containers do not give; the page is our own.
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every kind of part."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    result = assess(PAIRS * 15, title="").result
    assessment = assess(
        PAIRS * 15,
        result=result,
        title="A title that goes on for longer than a narrow window is wide, and on",
        curve=Curve(across="epoch", lines={"F1": [(epoch, 1 - 1 / epoch) for epoch in range(1, 9)]}),
        breakdowns={by: breakdown(PAIRS * 15, by) for by in ("length", "position")},
        systems=[System("a system with a long name " * 4, result), System("other", result)],
        contrasts=[Contrast("a system with a long name " * 4, "other", 0.0, Interval(-0.1, 0.1), 1.0, "said " * 60)],
    )
    write_page(path, assessment, tried=PAIRS[0].predicted)
    return path


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Open]:
    """Open the page; fails at the end if anything was said on the console or fetched."""
    contexts, said = [], list[str]()

    def opened(**options: Any) -> Any:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if request.url != report.as_uri() else None)
        page.goto(report.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits(visit: Open, width: int, scheme: str) -> None:
    page = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is wider than the window scrolls for itself.
    beyond = page.evaluate(
        """Array.from(document.querySelectorAll('main *')).filter(one => !one.closest('.wide')
        && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 200))"""
    )
    assert beyond == []


def shown(page: Any) -> int:
    return sum(item.is_visible() for item in page.locator("ol.groups > li").all())


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_by_kind_and_label_need_no_script(visit: Open, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts)
    assert shown(page) == 4
    page.locator("#k-1").uncheck()  # spurious
    assert shown(page) == 3
    page.locator("#gold").select_option("PERSON")
    assert shown(page) == 2
    page.locator("#predicted").select_option("none (missed)")
    assert shown(page) == 1
    assert page.locator("#find").is_visible() == scripts


def test_words_are_searched_and_what_is_shown_is_counted(visit: Open) -> None:
    page = visit()
    assert page.locator("#told").inner_text() == "4 different errors shown, 75 in all"
    page.locator("#find").fill("ROME bounds")
    assert shown(page) == 1
    assert page.locator("#told").inner_text() == "1 different errors shown, 15 in all"


def test_a_number_of_the_confusion_leads_to_its_errors(visit: Open) -> None:
    page = visit()
    page.locator("#find").fill("nothing like it")
    page.locator("#k-2").uncheck()
    page.locator("a[data-gold='0'][data-predicted='1']").click()
    assert shown(page) == 1
    assert "label" in page.locator("ol.groups > li:visible .kind").inner_text()
    assert page.url.endswith("#errors")


def test_all_can_be_reached_by_keyboard(visit: Open) -> None:
    page = visit()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"k-0", "gold", "predicted", "find", "wide", "wide heat"} <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(visit: Open, scheme: str) -> None:
    """Contrast of 4.5 to 1 at least, as WCAG 2.2 asks for; backgrounds with transparency are laid over one another."""
    page = visit(color_scheme=scheme)
    poor = page.evaluate(
        """() => {
        const parse = colour => { const n = colour.match(/[\\d.]+/g).map(Number); return [...n, 1].slice(0, 4); };
        const over = (top, below) => [0, 1, 2].map(at => top[at] * top[3] + below[at] * (1 - top[3]));
        const light = rgb => { const [r, g, b] = rgb.map(c => c / 255).map(c => c <= .04045 ? c / 12.92 :
          ((c + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
        const back = one => { const own = parse(getComputedStyle(one).backgroundColor);
          return own[3] === 1 || !one.parentElement ? own.slice(0, 3) : over(own, back(one.parentElement)); };
        return Array.from(document.querySelectorAll('body *')).filter(one => one.checkVisibility() &&
          !one.closest('svg') &&
          (one.className === 'chip' || Array.from(one.childNodes).some(n => n.nodeType === 3 && n.data.trim())))
          .map(one => { const [a, b] = [light(parse(getComputedStyle(one).color).slice(0, 3)), light(back(one))]
            .sort((x, y) => y - x); return [(a + .05) / (b + .05), one.outerHTML.slice(0, 120)]; })
          .filter(([ratio]) => ratio < 4.5); }"""
    )
    assert poor == []
