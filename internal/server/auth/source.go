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
	// fetchPause is how long an answer of the issuer is used, good or bad. Tokens with
	// unknown keys, which anyone can send, must not become requests to the issuer.
	fetchPause = 10 * time.Second
	// fetchTimeout bounds one round of requests to the issuer.
	fetchTimeout = 5 * time.Second
	// maxAnswer is the maximum size of an answer of the issuer.
	maxAnswer = 1 << 20
	// maxRedirects is the maximum number of redirects in a row.
	maxRedirects = 3
)

// source fetches the issuer's keys. It is the transport of go-oidc's key set, and
// answers every request with the keys.
type source struct {
	OAuthOptions

	issuer *url.URL

	mu      sync.Mutex // protects the fields below
	keysURL string     // "" if unknown
	fetched time.Time
	keys    []byte
	err     error
}

// RoundTrip answers with the keys. There is one fetch at a time; the key set waits
// for it as long as its callers do.
func (s *source) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fetched.IsZero() || s.Now().Sub(s.fetched) >= fetchPause {
		ctx, cancel := context.WithTimeout(r.Context(), fetchTimeout)
		s.keys, s.err = s.fetch(ctx)
		cancel()
		s.fetched = s.Now()
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
	if s.keysURL == "" {
		var err error
		if s.keysURL, err = s.discover(ctx); err != nil {
			return nil, err
		}
	}
	keys, err := s.get(ctx, s.keysURL)
	if err != nil {
		s.keysURL = s.JWKSURL // the issuer may have moved them
	}
	return keys, err
}

// discover returns the URL of the keys from the issuer's metadata: that of OpenID
// Connect or, if there is none, of RFC 8414.
func (s *source) discover(ctx context.Context) (string, error) {
	keysURL, err := s.discoverAt(ctx, strings.TrimSuffix(s.Issuer, "/")+"/.well-known/openid-configuration")
	if _, missing := errors.AsType[*statusError](err); !missing {
		return keysURL, err
	}
	keysURL, second := s.discoverAt(ctx, wellKnown(s.issuer, "/.well-known/oauth-authorization-server"))
	if second != nil {
		return "", fmt.Errorf("%w; %w", err, second)
	}
	return keysURL, nil
}

func (s *source) discoverAt(ctx context.Context, address string) (string, error) {
	body, err := s.get(ctx, address)
	if err != nil {
		return "", err
	}
	var says struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &says); err != nil {
		return "", fmt.Errorf("%s is not metadata: %w", address, err)
	}
	if says.Issuer != s.Issuer {
		return "", fmt.Errorf("%s is the metadata of the issuer %q, not of %q", address, says.Issuer, s.Issuer)
	}
	keys, err := parseURL("jwks_uri in "+address, says.Keys)
	if err != nil {
		return "", err
	}
	if keys.Scheme != "https" && s.issuer.Scheme == "https" {
		return "", fmt.Errorf("jwks_uri in %s must be an https URL like the issuer", address)
	}
	return says.Keys, nil
}

// statusError is an answer with another status than 200.
type statusError struct {
	address string
	status  int
}

func (e *statusError) Error() string { return fmt.Sprintf("%s answered %d", e.address, e.status) }

func (s *source) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("request to the issuer: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("request to the issuer: %w", err)
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
		return nil, fmt.Errorf("%s has more than %d bytes", address, maxAnswer)
	}
	return body, nil
}

// sameHost refuses redirects to another host: the operator trusts this one.
func sameHost(to *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case to.URL.Scheme != first.Scheme || to.URL.Host != first.Host:
		return fmt.Errorf("refused a redirect to %s://%s, which is not the configured host", to.URL.Scheme, to.URL.Host)
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects in a row", maxRedirects)
	}
	return nil
}
