"""``python -m parlib.cli``: the commands where no script of theirs is on the path."""

from parlib.cli import main

main()
