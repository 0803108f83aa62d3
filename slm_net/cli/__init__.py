"""The command line, `slm-net`: one file per command, and one table of them in `main`."""
