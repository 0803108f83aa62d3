"""Many nets of one spec, trained as one."""
