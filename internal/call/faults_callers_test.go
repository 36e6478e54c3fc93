package call_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// faultCaller makes one call after the other and remembers their results.
type faultCaller struct {
	*faultTest
	*rand.Rand
	name string
	n    int

	live      []*faultGroup
	gone      []*faultGroup // deleted, as a result said
	maybeGone []*faultGroup // possibly deleted
	uncertain []string      // names of groups that possibly exist
	never     []string      // names of groups that cannot exist
	patched   map[string]effect
	replaced  int
	confirmed int // creations
}

type faultGroup struct {
	id     int
	name   string          // its last name, as a result said
	may    map[string]bool // possible names, if later calls had an effect
	always map[string]bool // the same, for requests that may still be in progress
}

func (g *faultGroup) called(name string) bool { return g.name == name || g.may[name] || g.always[name] }

func (g *faultGroup) now(name string) { g.name, g.may = name, map[string]bool{} }

// newName returns a name that nothing else has.
func (c *faultCaller) newName() string {
	c.n++
	return fmt.Sprintf("group of %s, %d", c.name, c.n)
}

func (c *faultCaller) fail(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// run makes one call and checks its outcome.
func (c *faultCaller) run(ctx context.Context, tool string, arguments object) (body object, text string, e effect, ended string) {
	reads, repeatable := strings.HasPrefix(tool, "get_") || strings.HasPrefix(tool, "list_"), tool == "replace_group" || tool == "delete_group"
	encoded, _ := json.Marshal(arguments)
	ctx, cancel := context.WithTimeout(ctx, 2*c.timeout)
	defer cancel()
	gaveUp := false
	if c.cancels && c.IntN(20) == 0 {
		gaveUp = true
		defer time.AfterFunc(time.Duration(c.Int64N(int64(100*time.Millisecond))), cancel).Stop()
	}
	start := time.Now()
	outcome, err := c.runner.CallTool(ctx, tool, encoded)
	took := time.Since(start)
	switch {
	case err != nil:
		c.fail("%s: fault of the program: %v", tool, err)
		return nil, "", unsure, ""
	case took > c.timeout:
		c.fail("%s took %s: %.300s", tool, took, outcome.Text)
	}
	ended = "fine"
	if outcome.IsError {
		if ended, e = classify(outcome.Text, reads, repeatable); ended == "" || ended == "canceled" && !gaveUp {
			c.fail("%s: %s", tool, outcome.Text)
		}
	} else {
		body = bodyOf(outcome)
	}
	c.mu.Lock()
	c.counts[ended]++
	c.mu.Unlock()
	if ended == "paused" || ended == "queue full" {
		time.Sleep(20 * time.Millisecond) // as the error says
	}
	return body, outcome.Text, e, ended
}

// bodyOf returns the JSON at the start of a result.
func bodyOf(r result.Result) (body object) {
	if json.NewDecoder(strings.NewReader(r.Text)).Decode(&body) != nil {
		return nil
	}
	return body
}

func (c *faultCaller) call(ctx context.Context) {
	switch what := c.IntN(10); {
	case what == 0:
		c.list(ctx)
	case what <= 2:
		want := c.users[c.IntN(len(c.users))]
		body, text, _, ended := c.run(ctx, "get_user", object{"userId": want.(object)["id"]})
		if ended == "fine" && !reflect.DeepEqual(pick(body["data"], want), want) {
			c.fail("get_user: %s", text)
		}
	case what <= 5 || len(c.live) == 0:
		c.create(ctx)
	default:
		i := c.IntN(len(c.live))
		switch g := c.live[i]; what {
		case 6:
			body, text, _, ended := c.run(ctx, "get_group", object{"groupId": fmt.Sprint(g.id)})
			if name := nameIn(body); ended == "fine" && !g.called(name) {
				c.fail("get_group of what is called %s: %s", g.name, text)
			}
		case 7:
			name := c.newName()
			c.change(ctx, g, "update_group", name, object{"operations": []object{{"op": "replace", "path": "/name", "value": name}}})
		case 8:
			name := c.newName()
			c.change(ctx, g, "replace_group", name, object{"name": name})
		default:
			c.remove(ctx, i)
		}
	}
}

// pick returns v with the fields that like has: users in a list have fewer.
func pick(v, like any) object {
	out := object{}
	from, _ := v.(object)
	for name := range like.(object) {
		out[name] = from[name]
	}
	return out
}

func nameIn(body object) string {
	data, _ := body["data"].(object)
	name, _ := data["name"].(string)
	return name
}

// list follows a list to its end. If a page fails, the result is the beginning of
// the list and says so.
func (c *faultCaller) list(ctx context.Context) {
	body, text, _, ended := c.run(ctx, "list_users", object{"all_pages": true, "format": "json", "limit": 10})
	if ended != "fine" {
		return
	}
	got, _ := body["data"].([]any)
	_, failed, cut := strings.Cut(text, "then a page failed, ")
	switch {
	case len(got) == 0, len(got) > len(c.users), !reflect.DeepEqual(got, c.users[:len(got)]):
		c.fail("list_users: wrong items: %.300s", text)
	case cut:
		failed, _, _ = strings.Cut(failed, "; there is more. Next page: call list_users with {")
		if name, _ := classify(failed, true, true); name == "" || body["has_more"] != true {
			c.fail("list_users: %s", failed)
		}
		c.mu.Lock()
		c.counts["part of a list"]++
		c.mu.Unlock()
	case len(got) < len(c.users) && !strings.Contains(text, "one call fetches pages for at most"):
		c.fail("list_users: %d of %d items without a note", len(got), len(c.users))
	}
}

func (c *faultCaller) create(ctx context.Context) {
	name := c.newName()
	body, text, e, ended := c.run(ctx, "create_group", object{"name": name})
	switch {
	case ended == "fine":
		data, _ := body["data"].(object)
		id, _ := data["id"].(float64)
		if id == 0 || data["name"] != name {
			c.fail("create_group: %s", text)
		}
		c.confirmed++
		c.live = append(c.live, &faultGroup{id: int(id), name: name, may: map[string]bool{}, always: map[string]bool{}})
	case e == unsure:
		c.uncertain = append(c.uncertain, name)
	default:
		c.never = append(c.never, name)
	}
}

func (c *faultCaller) change(ctx context.Context, g *faultGroup, tool, name string, arguments object) {
	arguments["groupId"] = fmt.Sprint(g.id)
	body, text, e, ended := c.run(ctx, tool, arguments)
	switch {
	case ended == "fine" && nameIn(body) != name:
		c.fail("%s: %s", tool, text)
	case ended == "fine":
		g.now(name)
	case e == unsure && (ended == "timeout" || ended == "canceled"):
		g.always[name] = true
	case e == unsure:
		g.may[name] = true
	}
	if tool == "update_group" {
		c.patched[name] = e
	} else if ended == "fine" {
		c.replaced++
	}
}

func (c *faultCaller) remove(ctx context.Context, i int) {
	g := c.live[i]
	_, text, e, ended := c.run(ctx, "delete_group", object{"groupId": fmt.Sprint(g.id)})
	switch {
	case ended == "fine" && !strings.HasPrefix(text, "Done: delete_group succeeded"):
		c.fail("delete_group: %s", text)
	case ended == "fine":
		c.gone = append(c.gone, g)
	case e == unsure:
		c.maybeGone = append(c.maybeGone, g)
	default:
		return
	}
	c.live = append(c.live[:i], c.live[i+1:]...)
}
