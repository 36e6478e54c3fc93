// Package cli is the command line: it reads settings, wires the other packages
// together and runs a command.
//
// It must hold no knowledge of Retool or of MCP beyond that wiring.
package cli
