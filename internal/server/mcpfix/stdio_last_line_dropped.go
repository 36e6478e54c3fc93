package mcpfix

// mcp-go reads with ReadString('\n') and drops a last line without a newline,
// so `printf '%s' "$request" | server` gets no answer. The protocol delimits
// messages by newlines and does not forbid the end of input as the last one.
//
// So every line that mcp-go reads ends with a newline of ours.
var newline = []byte("\n")
