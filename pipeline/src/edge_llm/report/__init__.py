"""The report of a run: report/index.html, complete in one file, and report/report.md."""

from __future__ import annotations

from pathlib import Path

_TEMPLATES = Path(__file__).parent


def write_report(run: Path) -> Path:
    """Writes both files from what the run's steps left so far, and returns the HTML one.

    Raises FileNotFoundError where there is no such run.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from edge_llm.report.facts import facts_of
    from edge_llm.report.figures import figures_of

    if not run.is_dir():
        raise FileNotFoundError(f"{run} is not there; `edge-llm run` makes it")
    facts = facts_of(run)
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: bool(name) and ".html." in str(name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["percent"] = lambda share: "" if share is None else f"{share:.1%}"
    pages.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    folder = run / "report"
    folder.mkdir(exist_ok=True)
    figures = figures_of(facts)
    for source, name in (("page.html.jinja", "index.html"), ("page.md.jinja", "report.md")):
        text = pages.get_template(source).render(facts=facts, figures=figures)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "index.html"
