#!/usr/bin/env python3
"""Runs the notebooks top to bottom against what jobs/demo left in target/demo.

    python notebooks/run.py                 all of them, in place: their outputs are written into them
    python notebooks/run.py --to DIR NAME   some of them, written to another folder

Needs nbclient and ipykernel, and what each notebook names in its first cell; one whose modules are missing is left out,
and said so. Exit status 1 if one fails or its outputs are larger than they may be.
"""
import argparse
import ast
import importlib.util
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

HERE = Path(__file__).resolve().parent
MOST_BYTES = 400_000  # of a whole notebook; outputs are read in diffs, too
PLACE = "/path/of/octavo"  # in place of where this is
TIMEOUT_SECONDS = 1800  # of a cell; minutes on a machine that does nothing else


def missing_modules(notebook):
    """What the cells import and this Python doesn't have."""
    names = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    names.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    names.add(node.module)
    names.discard("octavo")  # in the jar, which a notebook adds to its session
    return sorted({name.split(".")[0] for name in names if importlib.util.find_spec(name.split(".")[0]) is None})


def stripped(notebook):
    """Without what differs from run to run and says nothing: times and the kernel's version."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("needs_background", None)
    notebook.metadata.pop("language_info", None)
    return notebook


def run(path, target):
    notebook = nbformat.read(path, as_version=4)
    missing = missing_modules(notebook)
    if missing:
        print(f"{path.name}: left out, this Python has no {', '.join(missing)}")
        return True
    try:
        NotebookClient(notebook, timeout=TIMEOUT_SECONDS, resources={"metadata": {"path": str(HERE)}}).execute()
    except (CellExecutionError, CellTimeoutError) as failure:
        print(f"{path.name}: failed\n{failure}", file=sys.stderr)
        return False
    text = nbformat.writes(stripped(notebook)).replace(str(HERE.parent), PLACE) + "\n"
    target.write_text(text, encoding="utf-8")
    size = len(text.encode())
    print(f"{path.name}: {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        print(f"{path.name}: more than {MOST_BYTES / 1000:.0f} kB: show less, or at a lower resolution", file=sys.stderr)
    return size <= MOST_BYTES


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a notebook without its extension (all)")
    parser.add_argument("--to", type=Path, metavar="DIR", default=HERE, help="where executed notebooks go (in place)")
    options = parser.parse_args()
    paths = sorted(HERE.glob("*.ipynb"))
    unknown = set(options.names) - {path.stem for path in paths}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}: choose from {', '.join(path.stem for path in paths)}")
    options.to.mkdir(parents=True, exist_ok=True)
    chosen = [path for path in paths if not options.names or path.stem in options.names]
    return 0 if all([run(path, options.to / path.name) for path in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
