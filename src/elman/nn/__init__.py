"""The mathematics of the networks, in torch."""
