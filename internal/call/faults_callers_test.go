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

// A stormCaller calls one thing after the other, and remembers what it was told.
type stormCaller struct {
	*storm
	*rand.Rand
	name string
	n    int

	live      []*stormGroup
	gone      []*stormGroup // deleted, so it was told
	lost      []*stormGroup // deleted, perhaps
	doubtful  []string      // names of groups that are there, perhaps
	never     []string      // names of groups that cannot be there
	patched   map[string]effect
	replaced  int
	confirmed int // creations
}

type stormGroup struct {
	id     int
	name   string          // what it was called last, so it was told
	may    map[string]bool // what it may be called, if later calls have had an effect
	always map[string]bool // the same, for requests that may still be under way
}

func (g *stormGroup) called(name string) bool { return g.name == name || g.may[name] || g.always[name] }

func (g *stormGroup) now(name string) { g.name, g.may = name, map[string]bool{} }

// fresh is a name that nothing else has.
func (c *stormCaller) fresh() string {
	c.n++
	return fmt.Sprintf("group of %s, %d", c.name, c.n)
}

func (c *stormCaller) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// run makes one call, and looks at its end.
func (c *stormCaller) run(ctx context.Context, tool string, arguments object) (body object, text string, e effect, ended string) {
	reads, repeatable := strings.HasPrefix(tool, "get_") || strings.HasPrefix(tool, "list_"), tool == "replace_group" || tool == "delete_group"
	encoded, _ := json.Marshal(arguments)
	ctx, cancel := context.WithTimeout(ctx, c.timeout+late)
	defer cancel()
	gaveUp := false
	if c.cancels && c.IntN(20) == 0 {
		gaveUp = true
		defer time.AfterFunc(time.Duration(c.Int64N(int64(100*time.Millisecond))), cancel).Stop()
	}
	began, stalled := time.Now(), c.beat.stalled()
	outcome, err := c.runner.CallTool(ctx, tool, encoded)
	took := time.Since(began)
	stalled = c.beat.stalled() - stalled
	c.mu.Lock()
	if over := took - c.timeout; over > c.worst {
		c.worst, c.worstStall = over, stalled
	}
	c.mu.Unlock()
	switch {
	case err != nil:
		c.complain("%s broke: %v", tool, err)
		return nil, "", unsure, ""
	case took-stalled >= c.timeout+late:
		c.complain("%s took %s, of which the machine stood still for %s: %.300s", tool, took, stalled, outcome.Text)
	}
	ended = "fine"
	if outcome.IsError {
		if ended, e = judgment(outcome.Text, reads, repeatable); ended == "" || ended == "canceled" && !gaveUp {
			c.complain("%s: %s", tool, outcome.Text)
		}
	} else {
		body = bodyOf(outcome)
	}
	c.mu.Lock()
	c.counts[ended]++
	c.mu.Unlock()
	if ended == "paused" || ended == "crowded" {
		time.Sleep(20 * time.Millisecond) // as it says
	}
	return body, outcome.Text, e, ended
}

// bodyOf is the JSON at the front of a result.
func bodyOf(r result.Result) (body object) {
	if json.NewDecoder(strings.NewReader(r.Text)).Decode(&body) != nil {
		return nil
	}
	return body
}

func (c *stormCaller) call(ctx context.Context) {
	switch what := c.IntN(10); {
	case what == 0:
		c.list(ctx)
	case what <= 2:
		want := c.users[c.IntN(len(c.users))]
		body, text, _, ended := c.run(ctx, "get_user", object{"userId": want.(object)["id"]})
		if ended == "fine" && !reflect.DeepEqual(pick(body["data"], want), want) {
			c.complain("get_user: %s", text)
		}
	case what <= 5 || len(c.live) == 0:
		c.create(ctx)
	default:
		i := c.IntN(len(c.live))
		switch g := c.live[i]; what {
		case 6:
			body, text, _, ended := c.run(ctx, "get_group", object{"groupId": fmt.Sprint(g.id)})
			if name := nameIn(body); ended == "fine" && !g.called(name) {
				c.complain("get_group of what is called %s: %s", g.name, text)
			}
		case 7:
			name := c.fresh()
			c.change(ctx, g, "update_group", name, object{"operations": []object{{"op": "replace", "path": "/name", "value": name}}})
		case 8:
			name := c.fresh()
			c.change(ctx, g, "replace_group", name, object{"name": name})
		default:
			c.remove(ctx, i)
		}
	}
}

// pick is v with the fields that like has: a list of users has fewer of them.
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

// list follows a list to its end. Where a page fails, what is there is the
// beginning, and the result says so.
func (c *stormCaller) list(ctx context.Context) {
	body, text, _, ended := c.run(ctx, "list_users", object{"all_pages": true, "format": "json", "limit": 10})
	if ended != "fine" {
		return
	}
	got, _ := body["data"].([]any)
	_, failed, cut := strings.Cut(text, "then a page failed, ")
	switch {
	case len(got) == 0, len(got) > len(c.users), !reflect.DeepEqual(got, c.users[:len(got)]):
		c.complain("list_users: wrong items: %.300s", text)
	case cut:
		failed, _, _ = strings.Cut(failed, "; there is more. Next page: call list_users with {")
		if name, _ := judgment(failed, true, true); name == "" || body["has_more"] != true {
			c.complain("list_users: %s", failed)
		}
		c.mu.Lock()
		c.counts["part of a list"]++
		c.mu.Unlock()
	case len(got) < len(c.users) && !strings.Contains(text, "one call fetches pages for"):
		c.complain("list_users: %d of %d items, and not a word", len(got), len(c.users))
	}
}

func (c *stormCaller) create(ctx context.Context) {
	name := c.fresh()
	body, text, e, ended := c.run(ctx, "create_group", object{"name": name})
	switch {
	case ended == "fine":
		data, _ := body["data"].(object)
		id, _ := data["id"].(float64)
		if id == 0 || data["name"] != name {
			c.complain("create_group: %s", text)
		}
		c.confirmed++
		c.live = append(c.live, &stormGroup{id: int(id), name: name, may: map[string]bool{}, always: map[string]bool{}})
	case e == unsure:
		c.doubtful = append(c.doubtful, name)
	default:
		c.never = append(c.never, name)
	}
}

func (c *stormCaller) change(ctx context.Context, g *stormGroup, tool, name string, arguments object) {
	arguments["groupId"] = fmt.Sprint(g.id)
	body, text, e, ended := c.run(ctx, tool, arguments)
	switch {
	case ended == "fine" && nameIn(body) != name:
		c.complain("%s: %s", tool, text)
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

func (c *stormCaller) remove(ctx context.Context, i int) {
	g := c.live[i]
	_, text, e, ended := c.run(ctx, "delete_group", object{"groupId": fmt.Sprint(g.id)})
	switch {
	case ended == "fine" && !strings.HasPrefix(text, "Done: delete_group succeeded"):
		c.complain("delete_group: %s", text)
	case ended == "fine":
		c.gone = append(c.gone, g)
	case e == unsure:
		c.lost = append(c.lost, g)
	default:
		return
	}
	c.live = append(c.live[:i], c.live[i+1:]...)
}
