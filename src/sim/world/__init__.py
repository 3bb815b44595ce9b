"""What happens: one run of an agency under a policy."""

from sim.world.run import RunTables, make_world, simulate, trace
from sim.world.scenario import Scenario
from sim.world.world import World

__all__ = ["RunTables", "Scenario", "World", "make_world", "simulate", "trace"]
