"""`python -m thought` is the command `thought`."""

from thought.cli import main

if __name__ == "__main__":
    main()
