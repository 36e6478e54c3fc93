// Command outside is a program of another module that calls an operation of the
// Retool API with the packages tools and tools/embedded and the standard library
// alone.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

func main() {
	retool := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), string(body))
	}))
	defer retool.Close()
	for _, call := range []struct{ name, arguments string }{
		{"list_users", `{"email": "a b@example.com", "limit": "5"}`},
		{"update_user", `{"userId": "user_1", "operations": [{"op": "replace", "path": "/active", "value": false}]}`},
		{"get_user", `{"user": "user_1"}`},
	} {
		if err := run(context.Background(), retool.URL, call.name, call.arguments); err != nil {
			log.Fatal(err)
		}
	}
}

// run calls a tool and prints what Retool answers, or what is wrong with the
// arguments.
func run(ctx context.Context, address, name, arguments string) error {
	tool := embedded.Catalog().Find(name)
	if tool == nil {
		return fmt.Errorf("there is no tool %s", name)
	}
	binder, err := tools.NewBinder(tool)
	if err != nil {
		return err
	}
	call, err := binder.Bind([]byte(arguments))
	if wrong, ok := errors.AsType[*tools.ArgumentError](err); ok {
		fmt.Println(wrong)
		return nil
	}
	if err != nil {
		return err
	}
	request, err := newRequest(ctx, address+"/api/v2", call.Request)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	fmt.Print(string(answer))
	return nil
}

func newRequest(ctx context.Context, base string, r tools.Request) (*http.Request, error) {
	address := base + r.Path
	if r.Query != "" {
		address += "?" + r.Query
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer retool_example")
	if r.ContentType != "" {
		request.Header.Set("Content-Type", r.ContentType)
	}
	return request, nil
}
