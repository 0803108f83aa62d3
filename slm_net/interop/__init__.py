"""What is built of a spec in the form that another library takes: one file a library, imported when it is asked for."""
