"""How the shipped models were made: data sets, rounds and cards. Not in the plugin's zip."""
