"""What QGIS runs: the Processing provider, its algorithms, layers → job, results → layers. No torch in here."""
