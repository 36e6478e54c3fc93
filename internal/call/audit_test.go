package call_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

// auditLog is an audit log, and the lines of calls in it.
type auditLog struct {
	*audit.Log
	file string
}

func openAudit(t *testing.T) auditLog {
	t.Helper()
	file := filepath.Join(t.TempDir(), "audit.log")
	log, err := audit.Open(file, audit.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { log.Close() })
	return auditLog{log, file}
}

type auditLine struct {
	Phase, Call, Caller, Session, Instance, Tool, Operation, Confirmation, Error, Plan, Script string
	Arguments                                                                                  json.RawMessage
	Status                                                                                     int
	Bytes                                                                                      int
}

func (l auditLog) lines(t *testing.T) (lines []auditLine) {
	t.Helper()
	data, err := os.ReadFile(l.file)
	require.NoError(t, err)
	for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
		var line auditLine
		require.NoError(t, json.Unmarshal(scan.Bytes(), &line))
		if line.Tool != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// summary is the lines in short: phase, operation, confirmation, status, error.
func (l auditLog) summary(t *testing.T) (short []string) {
	t.Helper()
	for _, line := range l.lines(t) {
		short = append(short, fmt.Sprintf("%s %s [%s] %d %s", line.Phase, line.Operation, line.Confirmation, line.Status, line.Error))
	}
	return short
}

func TestAuditRecordsRequests(t *testing.T) {
	log := openAudit(t)
	r, _ := onSandbox(t, call.Options{Audit: log.Log, Instance: "east", Confirm: call.ConfirmAuto, SecretSink: secretSink(t, folderIn(t))})
	ctx := caller.With(t.Context(), caller.Caller{ID: "caller 1", SessionID: "session 1"})
	canAsk := confirm.Client{CanAsk: true}

	runIn(t, r, ctx, "get_group", object{"groupId": "9"})
	runIn(t, r, ctx, "list_users", object{"max_items": 150})
	runIn(t, r, ctx, "create_group", object{"name": "New"})
	runIn(t, r, ctx, "create_group", object{"name": "New"}) // exists
	runIn(t, r, ctx, "update_group", object{"groupId": "9", "operations": []object{}, "dry_run": true})
	runIn(t, r, ctx, "delete_group", object{"groupId": "9"})
	runIn(t, r, ctx, "invalidate_organization_sessions", object{})
	for _, yes := range []bool{false, true} {
		question := runIn(t, r, confirm.With(ctx, canAsk), "delete_group", object{"groupId": "8"}).Ask
		answered := confirm.Client{CanAsk: true, Answer: &confirm.Answer{State: question.State, Confirmed: yes}}
		runIn(t, r, confirm.With(ctx, answered), "delete_group", object{"groupId": "8"})
	}
	runIn(t, r, ctx, "create_access_token", writes["create_access_token"])

	require.Equal(t, []string{
		"end GET /groups/{groupId} [] 200 ",
		"end GET /users [] 200 ", "end GET /users [] 200 ",
		"begin POST /groups [not asked] 0 ", "end POST /groups [not asked] 200 ",
		"begin POST /groups [not asked] 0 ", "end POST /groups [not asked] 409 HTTP 409",
		"end GET /groups/{groupId} [] 200 ", // of the dry run
		"begin DELETE /groups/{groupId} [left to the client] 0 ", "end DELETE /groups/{groupId} [left to the client] 204 ",
		"end POST /organization/invalidate_sessions/ [client cannot ask] 0 not sent",
		"end GET /groups/{groupId} [] 200 ", // for the question
		"end DELETE /groups/{groupId} [declined] 0 not sent",
		"end GET /groups/{groupId} [] 200 ", // as above
		"end GET /groups/{groupId} [] 200 ", "begin DELETE /groups/{groupId} [confirmed] 0 ", "end DELETE /groups/{groupId} [confirmed] 204 ",
		"begin POST /access_tokens [not asked] 0 ", "end POST /access_tokens [not asked] 200 ",
	}, log.summary(t))
	calls := map[string]int{}
	for _, line := range log.lines(t) {
		calls[line.Call]++
		require.Equal(t, []string{"caller 1", "session 1", "east"}, []string{line.Caller, line.Session, line.Instance})
		require.Equal(t, line.Phase == "end" && line.Status == 200, line.Bytes > 0)
		if line.Tool == "create_group" {
			require.JSONEq(t, `{"name":"New"}`, string(line.Arguments))
		}
	}
	require.Len(t, calls, 14, "the lines of one request share an id")
}

// Messages of the instance may contain anything and are not recorded.
func TestAuditRecordsFailures(t *testing.T) {
	for want, h := range map[string]http.HandlerFunc{
		"403 HTTP 403": respond(403, `{"success":false,"message":"secret"}`),
		"0 cut_off":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"200 HTTP 200": respond(200, "<html><title>secret</title>"),
	} {
		log := openAudit(t)
		r := serve(t, h, "retool_x", call.Options{Audit: log.Log})
		require.True(t, run(t, r, "create_group", object{"name": "New"}).IsError)
		require.Equal(t, []string{"begin POST /groups [not asked] 0 ", "end POST /groups [not asked] " + want}, log.summary(t))
		data, err := os.ReadFile(log.file)
		require.NoError(t, err)
		require.NotContains(t, string(data), "secret")
	}
}

// Without an audit log writes stop and reads continue.
func TestUnwritableAuditLog(t *testing.T) {
	log := openAudit(t)
	require.NoError(t, log.Close())
	var problems bytes.Buffer
	u := &upstream{Handler: respond(200, `{"success":true,"data":{}}`)}
	r := serve(t, u, "retool_x", call.Options{Audit: log.Log, Log: slog.New(slog.NewTextHandler(&problems, nil)), Confirm: call.ConfirmAlways})
	refused(t, run(t, r, "create_group", object{"name": "New"}), "the audit log cannot be written, and every write must be recorded first.")
	require.Empty(t, u.take())
	require.Contains(t, problems.String(), "the audit log cannot be written")
	problems.Reset()
	require.False(t, run(t, r, "get_group", object{"groupId": "9"}).IsError)
	require.Len(t, u.take(), 1)
	require.Contains(t, problems.String(), "the audit log cannot be written")
	problems.Reset()
	require.True(t, run(t, r, "delete_group", object{"groupId": "9"}).IsError)
	require.Contains(t, problems.String(), "the audit log cannot be written", "a refusal that is not recorded")
}

func TestDebugLogNamesTheTool(t *testing.T) {
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := serve(t, respond(200, `{"data":{}}`), "retool_x", call.Options{Log: log})
	run(t, r, "get_user", object{"userId": "user_hidden"})
	require.Contains(t, lines.String(), "tool=get_user status=200 bytes=11 took=")
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "99")
		_, _ = w.Write([]byte("hidden-text"))
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for want, h := range map[string]http.Handler{
		`status=500 error="HTTP 500"`: respond(500, `{"message":"hidden-text"}`),
		`status=401 error="HTTP 401"`: respond(401, `{"success":false,"message":"hidden-text"}`),
		`status=403 error="HTTP 403"`: respond(403, `<html><title>hidden-text</title></html>`),
		`status=302 error="HTTP 302"`: respond(302, ``),
		`status=200 error="HTTP 200"`: respond(200, `<html><title>hidden-text</title></html>`),
		`status=200 error=cut_off`:    http.HandlerFunc(cut),
		`status=0 error=cut_off`:      http.HandlerFunc(hangUp),
	} {
		lines.Reset()
		run(t, serve(t, h, "retool_x", call.Options{Log: log}), "get_user", object{"userId": "user_hidden"})
		require.Contains(t, lines.String(), `msg="call failed" tool=get_user `+want+` took=`)
		require.NotContains(t, lines.String(), "hidden")
	}
}

// A call takes no longer for being recorded.
func TestAuditRecordsDuration(t *testing.T) {
	log := openAudit(t)
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(30 * time.Millisecond)
		respond(200, `{"data":{}}`)(w, r)
	}), "retool_x", call.Options{Audit: log.Log})
	run(t, r, "get_group", object{"groupId": "9"})
	data, err := os.ReadFile(log.file)
	require.NoError(t, err)
	require.Regexp(t, `"duration_ms":(3\d|[4-9]\d|\d{3,})`, string(data))
}
