"""Write the rules as Markdown: ``python -m sim.regulation > docs/regulation.md``."""

import sys

from sim.regulation.page import document

if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(document())
