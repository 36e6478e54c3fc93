package doctor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func (d *doctor) checkHealth(ctx context.Context) Check {
	first := d.firstResponse(ctx)
	switch {
	case isTimeout(first.err):
		return Fail.found("no response within %s", d.Timeout).withRemedy("the instance accepts connections but does not respond: check its load and its log")
	case first.err != nil:
		return Fail.found("no response: %s", brief(reason(first.err))).withRemedy("check the port in {address}, and the instance's log")
	}
	var health struct {
		Version string `json:"version"`
	}
	isJSON := json.Unmarshal(first.body, &health) == nil
	switch status := first.status; {
	case status >= 300 && status < 400:
		return d.redirected(first.header.Get("Location"))
	case status < 300 && health.Version != "":
		return OK.found("Retool %s", brief(health.Version))
	case status < 300 && isJSON:
		return Warn.found("healthy, but without a version").withRemedy("check that {address} is an instance of Retool")
	case status == http.StatusBadRequest && expectsTLS(first.body):
		return Fail.found("%s:%s speaks TLS", d.host, d.port).withRemedy("use https:// in {address}")
	case status == http.StatusProxyAuthRequired:
		return Fail.found("the proxy requires user and password").
			withRemedy("add them to %s, as in http://USER:PASSWORD@HOST:PORT", cmp.Or(d.proxyVariable(), "the proxy's variable"))
	case status >= http.StatusInternalServerError:
		return Fail.found("status %d %s", status, http.StatusText(status)).
			withRemedy("the instance is starting or down, or a proxy in front of it cannot reach it: check its log")
	case status < 300 && d.Address.String() != retool.CloudAddress:
		return Fail.found("a web page instead of Retool's response").withRemedy("%s", wrongPage)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Warn.found("status %d: a server in front of Retool requires a login", status).withRemedy("%s", wrongPage)
	default: // a gateway need not have one, nor an instance below a path
		return Warn.found("status %d: there is no health check, so the version is unknown", status).
			withRemedy("if the token check fails too, check host and path in {address}")
	}
}

const wrongPage = "check {address}; if the host is right, a login or proxy in front of it must let requests to /api pass"

// expectsTLS recognizes the response of a TLS server to plain HTTP.
func expectsTLS(body []byte) bool {
	body = bytes.ToUpper(body)
	return bytes.Contains(body, []byte("HTTP REQUEST")) && bytes.Contains(body, []byte("HTTPS"))
}

func (d *doctor) redirected(location string) Check {
	here, _ := url.Parse(d.Address.String()) // it always is one
	to, err := here.Parse(location)
	switch {
	case location == "" || err != nil:
		return Fail.found("redirected without a valid target").withRemedy("%s", wrongPage)
	case to.Hostname() == here.Hostname() && to.Scheme == "https" && here.Scheme == "http":
		return Warn.found("redirected to https").withRemedy("use https:// in {address}: writes do not follow redirects")
	default: // the rest of the URL may hold secrets
		return Fail.found("redirected to %s", brief(to.Scheme+"://"+to.Host)).
			withRemedy("if Retool is there, set {address} to it; if it is a login, it must let requests to /api pass")
	}
}

// Differences of clocks that are warnings and failures.
const (
	warnSkew = 30 * time.Second
	failSkew = 5 * time.Minute
)

func (d *doctor) checkClock(context.Context) Check {
	date, err := http.ParseTime(d.first.header.Get("Date"))
	if err != nil {
		return Skip.found("the instance does not send its time")
	}
	if d.first.header.Get("X-Emulated-Time") != "" {
		return OK.found("the sandbox has a time of its own")
	}
	if age, err := strconv.Atoi(strings.TrimSpace(d.first.header.Get("Age"))); err == nil { // from a cache
		date = date.Add(time.Duration(age) * time.Second)
	}
	// The response was dated between the two, in whole seconds.
	middle := d.first.sent.Add(d.first.received.Sub(d.first.sent) / 2)
	skew := middle.Sub(date).Round(time.Second)
	direction := "ahead of"
	if skew < 0 {
		skew, direction = -skew, "behind"
	}
	c := OK.found("this machine is %s %s the instance", skew, direction)
	switch {
	case skew <= time.Second:
		return OK.found("same as the instance's")
	case skew <= warnSkew:
		return c
	}
	c = c.warning("set the wrong clock, best by NTP: certificates, tokens and logs depend on it")
	if skew > failSkew {
		c.Status = Fail
	}
	return c
}
