"""The doctor: what is wrong with a run, in sentences, each with the figure that says so."""
