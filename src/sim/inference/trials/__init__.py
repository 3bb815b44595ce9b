"""Plan a trial: designs, power, the worlds they are tried on."""
