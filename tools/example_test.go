package tools_test

import (
	"fmt"
	"log"

	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

func Example() {
	binder, err := tools.NewBinder(embedded.Catalog().Find("list_users"))
	if err != nil {
		log.Fatal(err)
	}
	call, err := binder.Bind([]byte(`{"email": "ada@example.com", "limit": "5"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(call.Request.Method, call.Request.Path, call.Request.Query)
	_, err = binder.Bind([]byte(`{"mail": "ada@example.com", "limit": "few"}`))
	fmt.Println(err)
	// Output:
	// GET /users email=ada%40example.com&limit=5
	// Not sent: the arguments do not fit list_users.
	// - mail: unknown argument (did you mean email?)
	// - limit: must be a whole number from 1 to 100, not a string
	// It takes email, first_name, last_name, limit, next_token, all_pages, where, fields, max_items, format.
}

func ExampleCatalog_Select() {
	c, err := embedded.Catalog().Select(tools.Selection{Toolsets: []string{"spaces"}, ReadOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, tool := range c.Tools {
		fmt.Println(tool.Name, tool.Scopes)
	}
	// Output:
	// get_space spaces:read
	// list_spaces spaces:read
}
