"""Facts from elsewhere: what an input leaves open, settled by an engine or a registry when that is asked for."""
