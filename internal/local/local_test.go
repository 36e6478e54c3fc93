package local_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

var (
	errOther = errors.New("passed on")

	echo = local.Tool{
		Definition: tools.Tool{Name: "echo", Schema: schema, Full: schema, Args: []tools.Arg{{Name: "say", In: tools.NotSent, Required: true}}},
		Answer: func(_ context.Context, call local.Call) (result.Result, error) {
			return result.Result{Text: call.Tool.Name + string(call.Arguments) + call.Catalog.API}, nil
		},
	}
)

const schema = `{"properties":{"say":{"type":"string"}},"type":"object","required":["say"]}`

type other struct{}

func (other) CallTool(context.Context, string, []byte) (result.Result, error) {
	return result.Result{}, errOther
}

func TestDispatch(t *testing.T) {
	c := local.With(&tools.Catalog{API: " of all", Tools: []tools.Tool{{Name: "alpha", Path: "/a"}, {Name: "omega", Path: "/o"}}}, echo.Definition)
	require.Equal(t, []string{"alpha", "echo", "omega"}, []string{c.Tools[0].Name, c.Tools[1].Name, c.Tools[2].Name})
	d := local.Dispatcher{Caller: other{}, Tools: []local.Tool{echo}, Catalog: c}

	answer, err := d.CallTool(t.Context(), "echo", []byte(`{"say":"a"}`))
	require.NoError(t, err)
	require.Equal(t, `echo{"say":"a"} of all`, answer.Text)
	answer, err = d.CallTool(local.Within(t.Context(), &tools.Catalog{API: " of one"}), "echo", []byte(`{"say":"a"}`))
	require.NoError(t, err)
	require.Equal(t, `echo{"say":"a"} of one`, answer.Text)
	answer, err = d.CallTool(t.Context(), "echo", []byte(`{"sya":"a"}`))
	require.NoError(t, err)
	require.True(t, answer.IsError)
	require.Contains(t, answer.Text, "say: missing")
	for _, name := range []string{"alpha", "nothing"} {
		_, err = d.CallTool(t.Context(), name, nil)
		require.ErrorIs(t, err, errOther)
	}

	d.JSON = true
	answer, err = d.CallTool(t.Context(), "echo", []byte(`{"say":"\""}`))
	require.NoError(t, err)
	require.Equal(t, `"echo{\"say\":\"\\\"\"} of all"`, answer.Data)
	require.Empty(t, answer.Text)
}

// An operation of the document keeps its name: calls of it go to the API.
func TestOperationsKeepTheirNames(t *testing.T) {
	c := local.With(&tools.Catalog{Tools: []tools.Tool{{Name: "echo", Path: "/echo"}}}, echo.Definition)
	require.Len(t, c.Tools, 1)
	_, err := local.Dispatcher{Caller: other{}, Tools: []local.Tool{echo}, Catalog: c}.CallTool(t.Context(), "echo", nil)
	require.ErrorIs(t, err, errOther)
}

// A prefix is part of the name, for whoever calls and for what answers.
func TestPrefix(t *testing.T) {
	prefixed := echo.Definition
	prefixed.Name = "my_echo"
	d := local.Dispatcher{Caller: other{}, Tools: []local.Tool{echo}, Catalog: &tools.Catalog{Tools: []tools.Tool{prefixed}}, Prefix: "my_"}
	answer, err := d.CallTool(t.Context(), "my_echo", []byte(`{"say":"a"}`))
	require.NoError(t, err)
	require.Equal(t, `my_echo{"say":"a"}`, answer.Text)
	_, err = d.CallTool(t.Context(), "echo", nil)
	require.ErrorIs(t, err, errOther)
}
