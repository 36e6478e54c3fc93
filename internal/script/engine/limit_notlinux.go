//go:build unix && !linux

package engine

// limitMemory has nothing to do: this system does not tell how much is mapped, and the
// virtual machine has a limit of its own.
func limitMemory() {}
