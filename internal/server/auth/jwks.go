package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// keySet is a set of keys (RFC 7517, section 5).
type keySet struct {
	Keys []json.RawMessage `json:"keys"`
}

// usable returns a set without the keys that cannot check a signature. A malformed
// key must not take the others with it: go-oidc would refuse the whole set. A set of
// nothing but malformed keys is an error, but an empty one is what an issuer sends
// that withdraws its keys.
func (k *keys) usable(set []byte) ([]byte, error) {
	var all, good keySet
	if err := json.Unmarshal(set, &all); err != nil {
		return nil, fmt.Errorf("failed to decode keys of %s: %w", k.keysURL, err)
	}
	if all.Keys == nil {
		return nil, fmt.Errorf("failed to decode keys of %s: it has no list of keys", k.keysURL)
	}
	good.Keys = []json.RawMessage{}
	var bad []string
	for i, key := range all.Keys {
		switch signs, err := checksSignatures(key); {
		case err != nil:
			bad = append(bad, fmt.Sprintf("key %d: %s", i+1, err))
		case signs:
			good.Keys = append(good.Keys, key)
		}
	}
	why := text.Clip(strings.Join(bad, "; "), 300)
	if len(bad) > 0 && len(good.Keys) == 0 {
		return nil, fmt.Errorf("no key of %s can be used: %s", k.keysURL, why)
	}
	if why != k.unusable && why != "" {
		k.Log.Warn("keys of the token issuer are malformed and are not used", "issuer", k.Issuer, "keys", why)
	}
	k.unusable = why
	return json.Marshal(good)
}

// checksSignatures reports whether a key can check a signature that is accepted here.
// Keys for other purposes, and of types that are unknown here, are not malformed.
func checksSignatures(key json.RawMessage) (bool, error) {
	var purpose struct {
		Algorithm jose.SignatureAlgorithm `json:"alg"`
		Use       string                  `json:"use"`
	}
	if err := json.Unmarshal(key, &purpose); err != nil {
		return false, err
	}
	if purpose.Algorithm != "" && !slices.Contains(algorithms, purpose.Algorithm) || purpose.Use != "" && purpose.Use != "sig" {
		return false, nil
	}
	var parsed jose.JSONWebKey
	switch err := json.Unmarshal(key, &parsed); {
	case errors.Is(err, jose.ErrUnsupportedKeyType):
		return false, nil
	case err != nil:
		return false, err
	case !parsed.IsPublic() || !parsed.Valid():
		return false, errors.New("it is not a public key")
	}
	return true, nil
}
