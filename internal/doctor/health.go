package doctor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func (d *doctor) checkHealth(ctx context.Context) Check {
	met := d.firstResponse(ctx)
	if met.err != nil {
		return d.noAnswer(met.err)
	}
	var health struct {
		Version string `json:"version"`
	}
	isJSON := json.Unmarshal(met.body, &health) == nil
	switch status := met.status; {
	case status >= 300 && status < 400:
		return d.redirected(met.header.Get("Location"))
	case status < 300 && health.Version != "":
		return ok("Retool %s", brief(health.Version))
	case status < 300 && isJSON:
		return warn("healthy, but it tells no version").withRemedy("check that {address} names an instance of Retool")
	case status == http.StatusBadRequest && speaksTLS(met.body):
		return fail("%s:%s speaks TLS", d.host, d.port).withRemedy("write https:// in {address}")
	case status == http.StatusProxyAuthRequired:
		return fail("the proxy asks for user and password").withRemedy("put them into %s, as in http://USER:PASSWORD@HOST:PORT", cmp.Or(d.proxyVariable(), "the proxy's variable"))
	case status >= http.StatusInternalServerError:
		return fail("status %d %s", status, http.StatusText(status)).
			withRemedy("the instance is starting, or down, or a proxy in front of it cannot reach it: look at its log")
	case status < 300 && d.Address.String() != retool.CloudAddress:
		return fail("a web page in place of Retool's answer").withRemedy("%s", wrongPage)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return warn("status %d: something in front of Retool asks who comes", status).withRemedy("%s", wrongPage)
	default: // a gateway need not have it, nor an instance behind a path of its own
		return warn("status %d: there is no health check here, so no version", status).
			withRemedy("if the token is refused as well, check host and path in {address}")
	}
}

const wrongPage = "check {address}; if the host is right, a login or proxy in front of it has to let requests to /api pass"

// speaksTLS says whether a server complains that it was not spoken to in TLS.
func speaksTLS(body []byte) bool {
	body = bytes.ToUpper(body)
	return bytes.Contains(body, []byte("HTTP REQUEST")) && bytes.Contains(body, []byte("HTTPS"))
}

func (d *doctor) noAnswer(err error) Check {
	if timeout, is := errors.AsType[net.Error](err); is && timeout.Timeout() {
		return fail("no answer within %s", d.Timeout).withRemedy("the instance takes connections and does not answer: look at its load and its log")
	}
	return fail("no answer: %s", brief(reason(err))).withRemedy("check that the port in {address} is that of Retool, and the instance's log")
}

// redirected is an instance that sends us elsewhere.
func (d *doctor) redirected(location string) Check {
	here, err := url.Parse(d.Address.String())
	if err != nil {
		return fail("redirected").withRemedy("%s", wrongPage)
	}
	to, err := here.Parse(location)
	switch {
	case location == "" || err != nil:
		return fail("redirected to nowhere").withRemedy("%s", wrongPage)
	case to.Hostname() == here.Hostname() && to.Scheme == "https" && here.Scheme == "http":
		return warn("redirected to https").withRemedy("write https:// in {address}: writes are not redirected")
	default: // the rest of it may hold anything
		return fail("redirected to %s", brief(to.Scheme+"://"+to.Host)).
			withRemedy("if Retool is there, name that in {address}; if it is a login, that has to let requests to /api pass")
	}
}

// Clocks that differ by more than these are worth a word.
const (
	muchSkew    = 30 * time.Second
	tooMuchSkew = 5 * time.Minute
)

func (d *doctor) checkClock(context.Context) Check {
	if d.inProcess() {
		return inSandbox
	}
	date, err := http.ParseTime(d.first.header.Get("Date"))
	if err != nil {
		return skip("the instance does not tell its time")
	}
	if age, err := strconv.Atoi(strings.TrimSpace(d.first.header.Get("Age"))); err == nil { // from a cache
		date = date.Add(time.Duration(age) * time.Second)
	}
	// The answer was dated some time between the two, and to the second.
	middle := d.first.sent.Add(d.first.received.Sub(d.first.sent) / 2)
	skew := middle.Sub(date).Round(time.Second)
	way := "ahead of"
	if skew < 0 {
		skew, way = -skew, "behind"
	}
	c := ok("this machine is %s %s the instance", skew, way)
	switch {
	case skew <= time.Second:
		return ok("as the instance's")
	case skew > tooMuchSkew:
		c.Status = Fail
	case skew > muchSkew:
		c.Status = Warn
	default:
		return c
	}
	return c.withRemedy("set the clock that is wrong, best by NTP: certificates, tokens and what happened when depend on it")
}
