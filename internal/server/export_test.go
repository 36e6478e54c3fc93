package server

import mcpserver "github.com/mark3labs/mcp-go/server"

// MCP returns the mcp-go server, for tests in the process.
func (s *Service) MCP() *mcpserver.MCPServer {
	s.register()
	return s.mcp
}

// MarshalResult is how stdio encodes a result.
var MarshalResult = marshalResult
