"""`python -m labelwright.cli` is `labelwright`."""

from labelwright.cli.main import main

if __name__ == "__main__":
    main()
