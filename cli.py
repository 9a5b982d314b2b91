"""Launches fluxrules from a checkout: ``python cli.py check grille.yaml``."""

from fluxrules.commands.start import start

if __name__ == "__main__":
    start()
