package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// FaultHeader is the request header that asks for a fault by its kind.
const FaultHeader = "X-Sandbox-Fault"

// Kind is a kind of fault.
type Kind string

// Kinds of faults. A status from 400 to 599 is a kind too: it is the answer, and
// the call is not carried out.
const (
	// Cut carries out the call and breaks the connection in the middle of the
	// answer, or before an answer without a body.
	Cut Kind = "cut"
	// Drop carries out the call and breaks the connection before any answer.
	Drop Kind = "drop"
	// Slow carries out the call and sends the answer in small pieces.
	Slow Kind = "slow"
	// HTML answers the web page of a proxy with 502. The call is not carried out.
	HTML Kind = "html"
)

// Fault is a kind and its share of requests, from 0 to 1.
type Fault struct {
	Kind  Kind
	Share float64
}

// Faults are injected into requests. Which requests depends only on the seed and
// their order.
type Faults struct {
	Seed uint64
	List []Fault
	// Slowness is how long a slow answer takes; 0 means two seconds.
	Slowness time.Duration
}

func (f Faults) slowness() time.Duration {
	if f.Slowness > 0 {
		return f.Slowness
	}
	return 2 * time.Second
}

// ParseFaults reads "429:0.1,cut:0.01".
func ParseFaults(text string) ([]Fault, error) {
	var out []Fault
	sum := 0.0
	for entry := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, share, ok := strings.Cut(strings.TrimSpace(entry), ":")
		kind, err := parseKind(name)
		if err != nil {
			return nil, err
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if !ok || err != nil || !(value >= 0 && value <= 1) {
			return nil, fmt.Errorf("%q must be of the form KIND:SHARE with a share from 0 to 1", entry)
		}
		if sum += value; sum > 1 {
			return nil, fmt.Errorf("the shares in %q add up to more than 1", text)
		}
		out = append(out, Fault{kind, value})
	}
	return out, nil
}

func parseKind(name string) (Kind, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch kind := Kind(name); kind {
	case Cut, Drop, Slow, HTML:
		return kind, nil
	default:
		if status, err := strconv.Atoi(name); err == nil && status >= 400 && status <= 599 {
			return kind, nil
		}
		return "", fmt.Errorf("%q is not a fault: use cut, drop, slow, html or a status from 400 to 599", name)
	}
}

// fault returns the fault of a request: the one in its header, else the one for its
// number.
func (s *Sandbox) fault(r *http.Request) (Kind, error) {
	if asked := r.Header.Get(FaultHeader); asked != "" {
		kind, err := parseKind(asked)
		if err != nil {
			return "", api.BadRequest("%s: %s", FaultHeader, err)
		}
		s.stats.count(func(c *Stats) { c.Faults[string(kind)]++ })
		return kind, nil
	}
	var number uint64
	s.stats.count(func(c *Stats) {
		c.Requests++
		number = c.Requests
	})
	if len(s.options.Faults.List) == 0 {
		return "", nil
	}
	chance := rand.New(rand.NewPCG(s.options.Faults.Seed, number)).Float64() //nolint:gosec // faults must be reproducible, not secret
	for _, f := range s.options.Faults.List {
		if chance -= f.Share; chance < 0 {
			s.stats.count(func(c *Stats) { c.Faults[string(f.Kind)]++ })
			return f.Kind, nil
		}
	}
	return "", nil
}

// early returns the answer of a fault that replaces the call.
func (k Kind) early() (reply, bool) {
	switch k {
	case "", Cut, Drop, Slow:
		return reply{}, false
	case HTML:
		return reply{
			status: http.StatusBadGateway,
			header: http.Header{"Content-Type": {"text/html"}},
			body:   []byte("<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n"),
		}, true
	case "429":
		return tooMany(0), true
	default:
		status, _ := strconv.Atoi(string(k)) // checked by parseKind
		return failure(&api.StatusError{Status: status, Message: http.StatusText(status)}), true
	}
}
