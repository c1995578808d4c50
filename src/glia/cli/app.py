"""`glia`: the commands, one file each, and what they share."""

from __future__ import annotations

from typing import Annotated

import typer

from ..version import __version__
from .evaluate import evaluate
from .exits import EXIT_CODES, Commands
from .explain import explain
from .predict import predict
from .summary import summary
from .train import train

__all__ = ["app", "main"]

_EXITS = "\n\n".join(f"{code}  {meaning}" for code, meaning in EXIT_CODES.items())

app = typer.Typer(
    cls=Commands,
    name="glia",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"Exit codes:\n\n{_EXITS}",
)
for _command in (train, predict, evaluate, summary, explain):
    app.command()(_command)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        print(f"glia {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def glia(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  its callback acts
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Say which glia."),
    ] = False,
) -> None:
    """Train a neural network on a table, see how good it is, and use it."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def main() -> None:
    """Run the command line this process was started with."""
    app(prog_name="glia")
