package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// fetchPause is how long an answer of the issuer counts, be it good or bad. Tokens
	// signed with unknown keys, which anybody can send, must not become requests to
	// the issuer.
	fetchPause = 10 * time.Second
	// fetchTime is how long everything that is asked of the issuer at a time may take.
	fetchTime = 5 * time.Second
	// maxAnswer is the most bytes that the issuer may send.
	maxAnswer = 1 << 20
	// maxRedirects is how many redirects are followed.
	maxRedirects = 3
)

// source fetches the issuer's keys. It is the transport of the library's key set:
// whatever is asked of it, it answers with the keys.
type source struct {
	issuer *url.URL
	name   string // of the issuer, as in tokens
	place  string // where the keys are as the operator says, or ""
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	found string // where the keys are, "" if that is not known
	asked time.Time
	keys  []byte
	err   error
}

// RoundTrip answers with the keys. One fetch after the other: the key set waits for
// the one under way, for as long as each of its callers cares.
func (s *source) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked.IsZero() || s.now().Sub(s.asked) >= fetchPause {
		ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
		s.keys, s.err = s.fetch(ctx)
		cancel()
		s.asked = s.now()
	}
	if s.err != nil {
		return nil, s.err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(s.keys)),
		ContentLength: int64(len(s.keys)),
		Request:       r,
	}, nil
}

func (s *source) fetch(ctx context.Context) ([]byte, error) {
	if s.found == "" {
		var err error
		if s.found, err = s.find(ctx); err != nil {
			return nil, err
		}
	}
	keys, err := s.get(ctx, s.found)
	if err != nil {
		s.found = s.place // the issuer may have moved them
	}
	return keys, err
}

// find asks the issuer where its keys are, as OpenID Connect does and, where there
// is nothing, as RFC 8414 does.
func (s *source) find(ctx context.Context) (string, error) {
	place, err := s.findAt(ctx, strings.TrimSuffix(s.name, "/")+"/.well-known/openid-configuration")
	if _, missing := errors.AsType[*statusError](err); !missing {
		return place, err
	}
	place, second := s.findAt(ctx, wellKnown(s.issuer, "/.well-known/oauth-authorization-server"))
	if second != nil {
		return "", fmt.Errorf("%w; %w", err, second)
	}
	return place, nil
}

func (s *source) findAt(ctx context.Context, address string) (string, error) {
	body, err := s.get(ctx, address)
	if err != nil {
		return "", err
	}
	var says struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &says); err != nil {
		return "", fmt.Errorf("%s is no metadata: %w", address, err)
	}
	if says.Issuer != s.name {
		return "", fmt.Errorf("%s is the metadata of the issuer %q, not of %q", address, says.Issuer, s.name)
	}
	keys, err := parseURL("jwks_uri in "+address, says.Keys)
	if err != nil {
		return "", err
	}
	if keys.Scheme != "https" && s.issuer.Scheme == "https" {
		return "", fmt.Errorf("jwks_uri in %s must be an https URL, as the issuer's is", address)
	}
	return says.Keys, nil
}

// statusError is an answer that is not the one that was asked for.
type statusError struct {
	address string
	status  int
}

func (e *statusError) Error() string { return fmt.Sprintf("%s answered %d", e.address, e.status) }

func (s *source) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the issuer: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the issuer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &statusError{address, resp.StatusCode}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%s is longer than %d bytes", address, maxAnswer)
	}
	return body, nil
}

// newClient is a client for the issuer alone.
func newClient() *http.Client {
	return &http.Client{Timeout: fetchTime, CheckRedirect: stay}
}

// stay refuses redirects to another host: whom to trust, the operator has said.
func stay(to *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case to.URL.Scheme != first.Scheme || to.URL.Host != first.Host:
		return fmt.Errorf("redirected to %s://%s, not followed: that is not the configured host", to.URL.Scheme, to.URL.Host)
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects in a row", maxRedirects)
	}
	return nil
}
