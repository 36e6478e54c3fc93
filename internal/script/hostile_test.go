package script_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// hostile is the variable that makes the test binary a child that does not keep to the
// protocol.
const hostile = "SCRIPT_TEST_HOSTILE"

// runHostile is such a child.
func runHostile(kind string) {
	out, in := os.Stdout, bufio.NewReader(os.Stdin)
	var begin wire.Begin
	if kind != "deaf" {
		_ = wire.Read(in, &begin)
	}
	forever := func(m func(i int) wire.Message) {
		go func() { _, _ = io.Copy(io.Discard, in) }()
		for i := 1; ; i++ {
			if wire.Write(out, m(i)) != nil {
				os.Exit(1)
			}
		}
	}
	// ask makes a call that has to be refused, and returns that.
	ask := func(name, args string) {
		_ = wire.Write(out, wire.Message{Kind: wire.Call, ID: 1, Name: name, Args: json.RawMessage(args)})
		var reply wire.Reply
		_ = wire.Read(in, &reply)
		said := "made"
		if reply.Error != nil {
			said = "refused"
		}
		_ = wire.Write(out, wire.Message{Kind: wire.Done, Form: wire.JSON, Args: json.RawMessage(fmt.Sprintf("%q", said))})
		time.Sleep(time.Minute)
	}
	switch kind {
	case "nothing":
	case "crash":
		panic("crash")
	case "memory":
		fmt.Fprintln(os.Stderr, "fatal error: runtime: out of memory")
		os.Exit(2)
	case "garbage":
		_, _ = out.WriteString(strings.Repeat("garbage", 1000))
	case "json":
		_, _ = out.WriteString("\x00\x00\x00\x03{]}")
		time.Sleep(time.Minute)
	case "kind":
		_ = wire.Write(out, wire.Message{Kind: "other"})
		time.Sleep(time.Minute)
	case "cut":
		_, _ = out.WriteString("\x00\x00\x00\x10{")
	case "huge":
		_, _ = out.WriteString("\x7f\xff\xff\xff")
		time.Sleep(time.Minute)
	case "same id":
		for range 2 {
			_ = wire.Write(out, wire.Message{Kind: wire.Call, ID: 1, Name: "echo"})
		}
		time.Sleep(time.Minute)
	case "ended":
		_ = wire.Write(out, wire.Message{Kind: wire.Ended})
	case "form":
		_ = wire.Write(out, wire.Message{Kind: wire.Done, Form: "other"})
		time.Sleep(time.Minute)
	case "silent", "deaf":
		time.Sleep(time.Minute)
	case "slow frame":
		_, _ = out.WriteString("\x00\x7f\x00\x00{")
		time.Sleep(time.Minute)
	case "unread": // answers
		for i := 1; i <= 64; i++ {
			_ = wire.Write(out, wire.Message{Kind: wire.Call, ID: i, Name: "large", Args: json.RawMessage(`{"bytes":100000}`)})
		}
		time.Sleep(time.Minute)
	case "large answers":
		forever(func(i int) wire.Message {
			return wire.Message{Kind: wire.Call, ID: i, Name: "large", Args: json.RawMessage(`{"bytes":8000000}`)}
		})
	case "log flood":
		forever(func(int) wire.Message { return wire.Message{Kind: wire.Log, Text: "x"} })
	case "clock flood":
		forever(func(i int) wire.Message { return wire.Message{Kind: wire.Clock, ID: i} })
	case "sleeps":
		forever(func(i int) wire.Message { return wire.Message{Kind: "sleep", ID: i} })
	case "calls":
		forever(func(i int) wire.Message { return wire.Message{Kind: wire.Call, ID: i, Name: "echo"} })
	case "large calls":
		args := json.RawMessage(`{"a":"` + strings.Repeat("x", 1<<20) + `"}`)
		forever(func(i int) wire.Message { return wire.Message{Kind: wire.Call, ID: i, Name: "echo", Args: args} })
	case "long name", "long text", "long note":
		text := strings.Repeat("x", 7<<20)
		m := wire.Message{Kind: wire.Save, ID: 1, Name: text, Args: json.RawMessage(`[]`)}
		switch kind {
		case "long text":
			m = wire.Message{Kind: wire.Clock, ID: 1, Text: text}
		case "long note":
			m = wire.Message{Kind: wire.Done, Form: wire.Nothing, Notes: []string{text}}
		}
		_ = wire.Write(out, m)
		time.Sleep(time.Minute)
	case "write":
		ask("create_group", `{"name":"a"}`)
	case "unknown":
		ask("../../etc/passwd", `{}`)
	case "no arguments":
		ask("echo", `[1]`)
	case "two arguments":
		ask("echo", `{"a":1,"a":2}`)
	}
	os.Exit(0)
}
