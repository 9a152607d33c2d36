"""One module per command; each has a function `command`: its signature is the options, its docstring the help.

`labelwright.cli.main.COMMANDS` lists them. A command ends by returning; `raise typer.Exit(1)` says that the answer is
no (a broken chain, a target that was missed); errors are raised as `LabelwrightError` and told by `main`.
"""
