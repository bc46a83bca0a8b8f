"""One file a task: how examples become arrays and outputs become labels."""
