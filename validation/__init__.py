"""Long proofs: what takes too long for the suite, written into the docs with a stamp of the code it covers.

``make proofs`` runs all of them; each is a make target of its own and goes on where it was interrupted. The suite keeps
a short version of each and prints the stamps that are out of date.
"""
