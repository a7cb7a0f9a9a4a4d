"""What an entry is made of: a dataset that was found and read, its feedstock's words, its run's inputs."""
