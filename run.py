"""Run Tidegate from a checkout: `python run.py COMMAND` is the installed `tidegate COMMAND`."""

from runtime.__main__ import main

if __name__ == "__main__":
    main()
