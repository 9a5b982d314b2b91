"""``cli.py`` with the constants of ``large.py``, those of ``FLUXRULES_SMALL`` (JSON) on top."""

from __future__ import annotations

import json
import os
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as ``start`` does, before what is imported for the test alone
    from fluxrules.commands.start import start
    from tests.large import SMALL, set_constants

    set_constants(SMALL | json.loads(os.environ.get("FLUXRULES_SMALL", "{}")))
    sys.argv[0] = "fluxrules"
    start()
