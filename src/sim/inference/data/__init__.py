"""Read data, refuse personal data, suppress small groups, check inputs."""
