"""`python -m slm_net`: the same as the command `slm-net`."""

import os
import sys

from slm_net.cli.main import main

if __name__ == "__main__":
    # -m looks into the current folder first: a plugin, or a package that one needs, that lies there is not installed
    is_safe = sys.flags.isolated or getattr(sys.flags, "safe_path", False)
    if not is_safe and sys.path[0] != os.path.dirname(os.path.dirname(os.path.abspath(__file__))):
        del sys.path[0]
    sys.exit(main())
