"""What a spec builds, shown without building it: tables, memory and pictures of nets, all from ints."""
