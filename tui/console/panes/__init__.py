"""The bordered lists the console is made of, all drawn line by line."""
