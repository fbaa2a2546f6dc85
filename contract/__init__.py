"""What QGIS and the engine agree on: jobs, errors, the pipe, files, names that both show. Standard library only."""
