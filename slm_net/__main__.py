"""`python -m slm_net`: the same as the command `slm-net`."""

import sys

from slm_net.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
