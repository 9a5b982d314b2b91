"""What the command ``fluxrules`` runs first: nothing is imported yet, and nothing has begun that a stop could spoil."""

from __future__ import annotations

import signal


def start() -> None:
    """Run the command line. Until it listens, Ctrl-C ends the process as it does any other, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from fluxrules.commands.main import main

    main()
