"""Where surfaces come from: invented from a seed, or from layers."""
