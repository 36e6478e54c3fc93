package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A line of the audit log, as far as the tests read it.
type auditLine struct {
	Sequence     int     `json:"seq"`
	Time         string  `json:"time"`
	Log          string  `json:"log"`
	Phase        string  `json:"phase"`
	Call         string  `json:"call"`
	Caller       string  `json:"caller"`
	Session      string  `json:"session"`
	Tool         string  `json:"tool"`
	Operation    string  `json:"operation"`
	Arguments    object  `json:"arguments"`
	Confirmation string  `json:"confirmation"`
	Script       string  `json:"script"`
	Plan         string  `json:"plan"`
	Status       *int    `json:"status"`
	Duration     float64 `json:"duration_ms"`
	Bytes        *int    `json:"bytes"`
	Error        string  `json:"error"`
}

// auditLines returns the log's lines about calls.
func auditLines(t testing.TB, file string) (lines []auditLine) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var l auditLine
		if json.Unmarshal([]byte(line), &l) == nil && l.Phase != "" { // a crash may have truncated one
			lines = append(lines, l)
		}
	}
	return lines
}

func verify(t testing.TB, file string, args ...string) outcome {
	t.Helper()
	return run(t, environment(t), "", append([]string{"audit", "verify", file}, args...)...)
}

// requireWholeLog verifies the log and returns its head.
func requireWholeLog(t testing.TB, file string) (head string) {
	t.Helper()
	o := verify(t, file)
	require.Zero(t, o.code, "%s%s", o.stdout, o.stderr)
	require.Regexp(t, `^\d+ valid lines in \d+ files?`, o.stdout)
	_, head, _ = strings.Cut(o.stdout, "\nhead ")
	return strings.TrimSpace(head)
}

// Every request has a line after it, and every write another before it. Both
// are complete and contain no secret.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	const canary = "canary-4711-secret"
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/groups"):
			answering(http.StatusUnprocessableEntity, jsonType, `{"success":false,"message":"no `+canary+`"}`)(w, r)
		case r.Method == http.MethodDelete:
			answering(http.StatusNoContent, "", "")(w, r)
		case strings.HasSuffix(r.URL.Path, "/access_tokens"):
			answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"1","access_token":"`+canary+`"}}`)(w, r)
		default:
			answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":9,"name":"Operations","password":"`+canary+`"}}`)(w, r)
		}
	})
	file := filepath.Join(t.TempDir(), "audit.log")
	p := &userAnswers{answer: accept}
	env := held(t, u, "RETOOL_MCP_AUDIT_LOG="+file, "RETOOL_MCP_SECRET_ENV=REFERENCED", "REFERENCED="+canary, "RETOOL_MCP_SECRET_DIR="+t.TempDir())
	s := connectTo(t, legacy, env, p)
	values := func(text string) []object {
		return []object{{"environment_id": "01234567-89ab-4cde-8f01-000000000001", "value": text}}
	}
	s.succeed("get_group", []byte(`{"groupId":"9"}`))
	s.succeed("create_configuration_variable", given(t, object{"name": "A", "secret": true, "values": values(canary)}))
	s.succeed("create_configuration_variable", given(t, object{"name": "B", "secret": true, "values": values("${env:REFERENCED}")}))
	require.True(t, s.call("create_group", []byte(`{"name":"N"}`)).isError)
	s.succeed("delete_group", []byte(`{"groupId":"9"}`))
	p.answer = decline
	require.True(t, s.call("delete_group", []byte(`{"groupId":"9"}`)).isError)
	s.succeed("delete_group", []byte(`{"groupId":"9","dry_run":true}`))
	require.True(t, s.call("delete_group", []byte(`{}`)).isError)
	s.succeed("create_access_token", given(t, object{"label": "Token", "description": "D", "scopes": []string{"users:read"}}))
	requests := u.take()

	lines := auditLines(t, file)
	got := make([]string, len(lines))
	ends := []string{}
	for i, l := range lines {
		status := "-"
		if l.Phase == "end" {
			status = fmt.Sprint(*l.Status)
			require.NotNil(t, l.Bytes)
			if *l.Status != 0 {
				method, _, _ := strings.Cut(l.Operation, " ")
				ends = append(ends, method)
				require.Positive(t, l.Duration)
			}
			if *l.Status == http.StatusOK {
				require.Positive(t, *l.Bytes)
			}
		}
		got[i] = strings.TrimSpace(fmt.Sprintf("%s %s [%s] %s %s", l.Phase, l.Operation, l.Confirmation, status, l.Error))
		at, err := time.Parse(time.RFC3339, l.Time)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), at, time.Minute)
		require.NotEmpty(t, l.Call)
		require.NotEmpty(t, l.Session, l.Operation)
		require.NotEmpty(t, l.Tool)
		if strings.Contains(l.Operation, "{groupId}") { // the path names the object, also in reads for the question
			require.Equal(t, "9", fmt.Sprint(l.Arguments["groupId"]), l.Operation)
		}
	}
	require.Equal(t, []string{
		"end GET /groups/{groupId} [] 200",
		"begin POST /configuration_variables [not asked] -", "end POST /configuration_variables [not asked] 200",
		"begin POST /configuration_variables [not asked] -", "end POST /configuration_variables [not asked] 200",
		"begin POST /groups [not asked] -", "end POST /groups [not asked] 422 HTTP 422",
		"end GET /groups/{groupId} [] 200", "end GET /groups/{groupId} [] 200", // for the question, and after a yes
		"begin DELETE /groups/{groupId} [confirmed] -", "end DELETE /groups/{groupId} [confirmed] 204",
		"end GET /groups/{groupId} [] 200", "end DELETE /groups/{groupId} [declined] 0 not sent",
		"end GET /groups/{groupId} [] 200", // of the dry run
		"begin POST /access_tokens [not asked] -", "end POST /access_tokens [not asked] 200",
	}, got)
	wire := make([]string, len(requests))
	for i, r := range requests {
		wire[i] = r.method
	}
	require.Equal(t, wire, ends, "one end for each request")
	require.Equal(t, lines[1].Call, lines[2].Call)
	require.NotEqual(t, lines[1].Call, lines[3].Call)
	require.Equal(t, object{"groupId": "9"}, lines[0].Arguments)
	require.Equal(t, "[redacted: value]", lines[1].Arguments["values"].([]any)[0].(object)["value"])
	require.Equal(t, "${env:REFERENCED}", lines[3].Arguments["values"].([]any)[0].(object)["value"])

	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	s.quit()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, secret := range []string{canary, testToken} {
		requireAbsent(t, secret+strings.Repeat("-", 16), "the log", string(text))
		require.NotContains(t, string(text), secret)
	}
	requireWholeLog(t, file)
}

// The command "call" writes the log too.
func TestAuditLogOfCommandCall(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.log")
	o := run(t, environment(t), "", "--sandbox", "--audit-log", file, "call", "create_group", "name=N")
	require.Zero(t, o.code, o.stderr)
	lines := auditLines(t, file)
	require.Len(t, lines, 2)
	require.Equal(t, "create_group", lines[1].Tool)
	requireWholeLog(t, file)
}

// Verification finds every changed line, and a truncated log where the head is
// known.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.log")
	calls := []string{initializeLine, initializedLine}
	for i := range 6 {
		calls = append(calls, callLine(fmt.Sprint(i), "create_group", fmt.Sprintf(`{"name":"Group %d"}`, i)))
	}
	o := run(t, environment(t), strings.Join(calls, "\n")+"\n", "--sandbox", "--audit-log", file)
	require.Zero(t, o.code, o.stderr)
	head := requireWholeLog(t, file)
	require.Zero(t, verify(t, file, "--head", head).code)
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := slices.Collect(strings.Lines(string(whole)))
	require.Len(t, lines, 14)
	for name, c := range map[string]struct {
		lines []string
		says  string
		args  []string
	}{
		"changed":     {slices.Concat(lines[:4], []string{strings.Replace(lines[4], "Group", "group", 1)}, lines[5:]), "line 5 of the log", nil},
		"removed":     {slices.Concat(lines[:4], lines[5:]), "line 5 of the log", nil},
		"swapped":     {slices.Concat(lines[:4], []string{lines[5], lines[4]}, lines[6:]), "line 5 of the log", nil},
		"doubled":     {slices.Concat(lines[:5], lines[4:]), "line 6 of the log", nil},
		"headless":    {lines[1:], "its sequence number is 2", nil},
		"foreign":     {slices.Concat(lines[:4], []string{"{}\n"}, lines[4:]), "line 5 of the log", nil},
		"cut off":     {lines[:9], "line", []string{"--head", head}},
		"all is gone": {nil, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "audit.log")
			require.NoError(t, os.WriteFile(file, []byte(strings.Join(c.lines, "")), 0o600))
			o := verify(t, file, c.args...)
			require.Equal(t, 1, o.code, "%s%s", o.stdout, o.stderr)
			require.Contains(t, o.stderr, c.says)
			require.NotEmpty(t, o.stderr)
		})
	}
	requireUsage(t, verify(t, file+".none"), "audit.log.none")
	requireUsage(t, verify(t, file, "--head", "1:2"), "--head")
}

// While the log cannot be written, writes are refused and reads work. The next
// start repairs the truncated line.
func TestAuditLogOnFullDisk(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell, which could limit the size of files")
	}
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":1}}`))
	file := filepath.Join(t.TempDir(), "audit.log")
	env := held(t, u, "RETOOL_MCP_AUDIT_LOG="+file)
	p := &pipe{t: t, cmd: exec.Command(shell, "-c", `ulimit -f 8 && exec "$0"`, binary), stderr: &lockedBuffer{}} // 4 KiB, or 8
	p.cmd.Env, p.cmd.Stderr = env, p.stderr
	replies := p.open()
	p.send(initializeLine, initializedLine)
	require.Equal(t, "init", receive(t, replies, "the handshake").ID)
	done, refused := 0, 0
	for i := range 60 {
		p.send(callLine(fmt.Sprint(i), "create_group", fmt.Sprintf(`{"name":"Group %d"}`, i)))
		r := receive(t, replies, "an answer")
		sent := u.take()
		if r.Result.IsError {
			require.Contains(t, r.text(), "Not sent: the audit log cannot be written")
			require.Empty(t, sent)
			refused++
		} else {
			require.Zero(t, refused, "a write that got through again, call %d", i)
			require.Len(t, sent, 1)
			done++
		}
		p.send(callLine(fmt.Sprint("read ", i), "get_group", `{"groupId":"9"}`))
		r = receive(t, replies, "an answer")
		require.False(t, r.Result.IsError, r.text())
		require.Len(t, u.take(), 1)
	}
	require.Positive(t, done)
	require.Greater(t, refused, 10)
	requireLogged(t, p.stderr, "the audit log cannot be written")
	require.NoError(t, p.stdin.Close())
	for range replies {
	}
	_ = p.cmd.Wait() // with or without an error, since the log could not be closed

	o := run(t, env, "", "call", "create_group", "name=Again")
	require.Zero(t, o.code, o.stderr)
	requireWholeLog(t, file)
	begun, ended := 0, 0
	for _, l := range auditLines(t, file) {
		if l.Tool == "create_group" {
			begun += strings.Count(l.Phase, "begin")
			ended += strings.Count(l.Phase, "end")
		}
	}
	require.GreaterOrEqual(t, begun, done+1, "every write was recorded before it was sent")
}

// open starts the process and reads its responses until it ends.
func (p *pipe) open() <-chan reply {
	p.t.Helper()
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(p.t, err)
	p.stdin, err = p.cmd.StdinPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, p.cmd.Start())
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails if the process has ended, as it should
		_ = p.cmd.Wait()
	})
	replies := make(chan reply, 1000)
	go func() {
		defer close(replies)
		for decoder := json.NewDecoder(stdout); ; {
			var r reply
			if decoder.Decode(&r) != nil {
				return
			}
			replies <- r
		}
	}()
	return replies
}

// A log that cannot be opened stops the start.
func TestAuditLogThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	notOurs := filepath.Join(folder, "notes")
	require.NoError(t, os.WriteFile(notOurs, []byte("# Notes\n"), 0o600))
	for _, file := range []string{folder, filepath.Join(folder, "none", "audit.log"), notOurs} {
		requireUsage(t, run(t, environment(t), "", "--sandbox", "--audit-log", file, "call", "list_groups"), "--audit-log")
	}
	text, err := os.ReadFile(notOurs)
	require.NoError(t, err)
	require.Equal(t, "# Notes\n", string(text))
}

// However a server ends during writes, its log has every write that the client
// or Retool knows of, and marks those whose result is unknown.
func TestAuditLogOfKilledServer(t *testing.T) {
	t.Parallel()
	const kills, writes = 10, 200
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":1}}`))
	file := filepath.Join(t.TempDir(), "audit.log")
	env := held(t, u, "RETOOL_MCP_AUDIT_LOG="+file)
	acknowledged, atRetool := map[string]bool{}, map[string]bool{}
	for kill := range kills {
		p := &pipe{t: t, cmd: exec.Command(binary), stderr: &lockedBuffer{}}
		p.cmd.Env, p.cmd.Stderr = env, p.stderr
		replies := p.open()
		lines := []string{initializeLine, initializedLine}
		for i := range writes {
			name := fmt.Sprintf("%d of %d", i, kill)
			lines = append(lines, callLine(name, "create_group", fmt.Sprintf(`{"name":%q}`, name)))
		}
		p.send(lines...)
		note := func(r reply) {
			if r.ID != "init" && !r.Result.IsError {
				acknowledged[r.ID] = true
			}
		}
		for range 1 + 15*kill {
			note(receive(t, replies, "an answer"))
		}
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGKILL))
		for r := range replies {
			note(r)
		}
		require.Error(t, p.cmd.Wait())
	}
	time.Sleep(quietTime) // requests on their way arrive
	for _, r := range u.take() {
		var body struct{ Name string }
		require.NoError(t, json.Unmarshal(r.body, &body))
		atRetool[body.Name] = true
	}
	require.Greater(t, len(acknowledged), kills)

	o := run(t, env, "", "call", "get_group", "groupId=9")
	require.Zero(t, o.code, o.stderr)
	checked := verify(t, file)
	require.Zero(t, checked.code, "%s%s", checked.stdout, checked.stderr)
	begun, ended := map[string]bool{}, map[string]bool{}
	for _, l := range auditLines(t, file) {
		if l.Tool != "create_group" {
			continue
		}
		name := l.Arguments["name"].(string)
		if l.Phase == "begin" {
			require.NotContains(t, begun, name)
			begun[name] = true
		} else {
			require.Contains(t, begun, name)
			ended[name] = true
		}
	}
	for name := range acknowledged {
		require.Contains(t, begun, name)
		require.Contains(t, ended, name)
	}
	for name := range atRetool {
		require.Contains(t, begun, name)
	}
	unfinished := strings.Count(checked.stdout, "create_group began and did not end; its result is unknown")
	require.Equal(t, len(begun)-len(ended), unfinished)
	require.Equal(t, kills, strings.Count(checked.stdout, "the process before did not close the log"))
	t.Logf("%d acknowledged, %d at Retool, %d begun, %d unfinished", len(acknowledged), len(atRetool), len(begun), unfinished)
}
