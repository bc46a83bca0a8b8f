"""Elman beside other recognisers: each in a process of its own, held to the same threads, in alternating order."""
