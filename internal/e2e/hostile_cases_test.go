package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// hostileCase is one kind of hostile request. It runs once, with the token of a
// hostile caller that Retool accepts.
type hostileCase struct {
	name string
	run  func(ctx context.Context, h *hostileTest, token string)
}

var invented atomic.Int64

// inventedToken is one that nobody has used before.
func inventedToken() string { return fmt.Sprintf("invented_%d", invented.Add(1)) }

// hostileCases are all kinds.
func hostileCases() []hostileCase {
	raised()
	kib := func(n int, text string) string { return strings.Repeat(text, n<<10/len(text)) }
	create := func(what, value string) string {
		return callLine(what, "create_user", `{"email":"a@example.com","first_name":"a","last_name":"b","dry_run":true,"metadata":`+value+`}`)
	}
	var keys strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&keys, `"k%d":0,`, i)
	}
	zeros := func(n int) string { return "[" + kib(n, "0,") + "0]" }
	out := []hostileCase{
		{"answers of 33 MB of zeros", userCall("user_33MB")},
		{"answers of 2 MB of zeros", userCall("user_2MB")},
		{"answers of 20 MB of text", userCall("user_text")},
		{"answers that unpack without end", userCall("user_bomb")},
		{"slow answers", userCall("user_slow")},
		{"bodies that stay incomplete", incompleteBody},
		{"headers of many fields", manyFields},
		{"headers that stay incomplete", incompleteHeader},
		{"event streams under invented tokens", eventStream},
		{"lists that nobody reads", unreadList},
		{"messages to a stream that nobody reads", unreadStream},
		{"subscriptions under invented tokens", subscription},
	}
	for name, body := range map[string]string{
		"4 MiB of zeros in a dry run":         create("a", zeros(4096)),
		"1 MiB of zeros in a dry run":         create("b", zeros(1000)),
		"200 KiB of zeros in a dry run":       create("c", zeros(200)),
		"1 MiB of zeros in a notification":    `{"jsonrpc":"2.0","method":"notifications/initialized","params":{"a":` + zeros(1000) + `}}`,
		"1 MiB of zeros in an answer":         `{"jsonrpc":"2.0","id":1,"result":` + zeros(1000) + `}`,
		"1 MiB of zeros beside the arguments": `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_user","_meta":{"a":` + zeros(1000) + `}}}`,
		"1 MiB of objects":                    create("d", `[`+kib(1000, `{"":0},`)+`0]`),
		"100 KiB of objects":                  create("e", `[`+kib(100, `{"":0},`)+`0]`),
		"deep lists":                          create("f", kib(500, "[")+kib(500, "]")),
		"deep objects":                        create("g", strings.Repeat(`{"a":`, 9000)+"1"+strings.Repeat("}", 9000)),
		"many names":                          create("h", "{"+keys.String()+`"k":0}`),
		"escapes":                             create("i", `"`+kib(1000, `\\u0041\"\n`)+`"`),
		"invisible characters":                create("j", `"`+kib(1000, "\u200b\U000e0041")+`"`),
		"a batch":                             "[" + kib(1000, "{},") + "{}]",
		"no JSON":                             kib(1023, "[:\"\\"),
	} {
		out = append(out, hostileCase{name, func(ctx context.Context, h *hostileTest, token string) {
			_, _ = h.tryAsk(ctx, http.MethodPost, "/mcp", body, bearer(token))
			_, _ = h.tryAsk(ctx, http.MethodPost, "/mcp", body, bearer(inventedToken()))
		}})
	}
	slices.SortFunc(out, func(a, b hostileCase) int { return strings.Compare(a.name, b.name) })
	return out
}

// userCall reads a user whose answer is hostile, eight times at once.
func userCall(user string) func(context.Context, *hostileTest, string) {
	line := callLine("x", "get_user", `{"userId":"`+user+`"}`)
	return func(ctx context.Context, h *hostileTest, token string) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { _, _ = h.tryAsk(ctx, http.MethodPost, "/mcp", line, bearer(token)) })
		}
		all.Wait()
	}
}

// hold sends a text on connections of its own and keeps them open for a while.
func hold(ctx context.Context, h *hostileTest, connections int, text func() string) {
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			connection, err := (&net.Dialer{Timeout: waitTime}).DialContext(ctx, "tcp", strings.TrimPrefix(h.url, "http://"))
			if err != nil {
				return
			}
			defer connection.Close()
			_, _ = io.WriteString(connection, text())
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		})
	}
	all.Wait()
}

func incompleteBody(ctx context.Context, h *hostileTest, token string) {
	part := "{" + strings.Repeat(" ", 900<<10)
	hold(ctx, h, 8, func() string {
		return postHead + bearer(token) + "\r\nContent-Length: 1000000\r\n\r\n" + part
	})
}

func manyFields(ctx context.Context, h *hostileTest, token string) {
	var fields strings.Builder
	for i := 0; fields.Len() < 15<<10; i++ {
		fmt.Fprintf(&fields, "%s:\r\n", strconv.FormatInt(int64(i), 36))
	}
	hold(ctx, h, 16, func() string {
		return postHead + bearer(token) + "\r\n" + fields.String() + "Content-Length: 100\r\n\r\n{"
	})
}

func incompleteHeader(ctx context.Context, h *hostileTest, _ string) {
	var fields strings.Builder
	for i := 0; fields.Len() < 15<<10; i++ {
		fmt.Fprintf(&fields, "%s:\r\n", strconv.FormatInt(int64(i), 36))
	}
	hold(ctx, h, 8, func() string { return postHead + fields.String() })
}

func eventStream(ctx context.Context, h *hostileTest, _ string) {
	hold(ctx, h, 60, func() string {
		return "GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\n" + bearer(inventedToken()) + "\r\n\r\n"
	})
}

func subscription(ctx context.Context, h *hostileTest, _ string) {
	body := `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	hold(ctx, h, 60, func() string {
		return fmt.Sprintf("%s%s\r\nAccept: application/json, text/event-stream\r\nMcp-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\nContent-Length: %d\r\n\r\n%s", postHead, bearer(inventedToken()), len(body), body)
	})
}

// unreadList asks for lists on connections that it does not read.
func unreadList(ctx context.Context, h *hostileTest, token string) {
	list := fmt.Sprintf("%s%s\r\nAccept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n%s", postHead, bearer(token), len(listLine), listLine)
	hold(ctx, h, 40, func() string { return list + list + list })
}

// unreadStream posts to a stream whose events it does not read.
func unreadStream(ctx context.Context, h *hostileTest, token string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/sse", http.NoBody)
	if err != nil {
		return
	}
	request.Header.Set("Authorization", "Bearer "+token)
	stream, err := h.http.Do(request)
	if err != nil {
		return
	}
	defer stream.Body.Close()
	first := make([]byte, 200)
	n, _ := stream.Body.Read(first)
	_, address, _ := strings.Cut(string(first[:n]), "data: ")
	address, _, _ = strings.Cut(address, "\n")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, _ = h.tryAsk(ctx, http.MethodPost, strings.TrimSpace(address), listLine, bearer(token))
		})
	}
	all.Wait()
	runtime.KeepAlive(stream)
}
