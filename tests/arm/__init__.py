"""The solver as a 32-bit Raspberry Pi has it: cross-compiled, run by QEMU's user emulation."""
