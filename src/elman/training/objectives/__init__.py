"""One file a task: its network and its loss."""
