"""Launches fluxrules from a checkout: ``python cli.py check grille.yaml``."""

from fluxrules.commands.main import main

if __name__ == "__main__":
    main()
