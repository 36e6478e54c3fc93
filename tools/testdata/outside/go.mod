module example.com/outside

go 1.26.0

require github.com/retool-mcp/retool-mcp v0.0.0

replace github.com/retool-mcp/retool-mcp => ../../..
