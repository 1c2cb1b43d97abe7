"""The open-loop arrival generator: callbacks come when the schedule says, whether or not the gateway keeps up."""
