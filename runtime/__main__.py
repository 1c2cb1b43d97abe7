"""`python -m runtime COMMAND`, where neither `run.py` nor an installed `tidegate` is at hand."""

from runtime.cli import main

if __name__ == "__main__":
    main()
