"""How policies are weighed up: common random numbers, enough replications, paired differences, saved results.

One folder per kind of study; the calls that run them are :func:`sim.compare`, :func:`sim.select` and so on.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
