"""What is typed: fields, the prompt, commands, the palette."""
