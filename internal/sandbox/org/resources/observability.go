package resources

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// getObservabilityConfig answers a list, or 404 if nothing is configured.
func getObservabilityConfig(o *model.Org, _ *api.Call) (api.Answer, error) {
	if o.Observability.Len() == 0 {
		return api.Answer{}, api.Errorf(http.StatusNotFound, "Observability configuration does not exist")
	}
	return api.Data(slices.Collect(o.Observability.All())), nil
}

type createObservabilityConfigBody struct {
	Config  jsontext.Value `json:"config"`
	Enabled bool           `json:"enabled"`
}

// createObservabilityConfig accepts one configuration for each provider.
func createObservabilityConfig(o *model.Org, _ *api.Call, body createObservabilityConfigBody) (api.Answer, error) {
	at := &model.Observability{ID: o.UUID(), Config: body.Config, Enabled: body.Enabled}
	o.Observability.Put(at)
	return api.Data(at), checkProvider(o, at)
}

type replaceObservabilityConfigBody struct {
	Config  jsontext.Value `json:"config"`
	Enabled *bool          `json:"enabled"`
}

// replaceObservabilityConfig changes the fields in the body and keeps the others.
func replaceObservabilityConfig(o *model.Org, _ *api.Call, at *model.Observability, body replaceObservabilityConfigBody) (api.Answer, error) {
	if !model.IsNull(body.Config) {
		at.Config = body.Config
	}
	if body.Enabled != nil {
		at.Enabled = *body.Enabled
	}
	return api.Data(at), checkProvider(o, at)
}

func removeObservability(o *model.Org, at *model.Observability) { o.Observability.Delete(at.ID) }

// observabilityInPath fails with 422 for an unknown id, as documented.
func observabilityInPath(o *model.Org, c *api.Call) (*model.Observability, error) {
	id := c.Path["configId"]
	at, ok := o.Observability.Get(id)
	if !ok {
		return nil, api.Unprocessable("Observability configuration with id %q does not exist", id)
	}
	return at, nil
}

// providerConfig has the fields that decide whether events are delivered.
type providerConfig struct {
	Provider string `json:"provider"`
	DSN      string `json:"dsn"`
	APIKey   string `json:"api_key"`
}

// provider reads the provider's fields of a configuration, if possible.
func provider(config jsontext.Value) (p providerConfig) {
	if json.Unmarshal(config, &p) != nil {
		return providerConfig{}
	}
	return p
}

// configured finds the configuration of a provider.
func configured(o *model.Org, name string) (*model.Observability, bool) {
	return o.Observability.Find(func(at *model.Observability) bool { return provider(at.Config).Provider == name })
}

// checkProvider refuses a second configuration for a provider.
func checkProvider(o *model.Org, at *model.Observability) error {
	name := provider(at.Config).Provider
	if o.Observability.Any(func(other *model.Observability) bool { return other != at && provider(other.Config).Provider == name }) {
		return api.Unprocessable("Observability configuration for %s already exists", name)
	}
	return nil
}

// sentEvent says whether a test event was delivered, and if not, why.
type sentEvent struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitzero"`
}

// testObservabilityProvider sends nothing. It reports whether an event would be
// delivered, which fails if the mask was stored as the key.
func testObservabilityProvider(o *model.Org, c *api.Call) (api.Answer, error) {
	name := c.Path["provider"]
	at, ok := configured(o, name)
	if !ok {
		return api.Answer{}, api.Unprocessable("%s is not configured", name)
	}
	if !at.Enabled {
		return api.Data(sentEvent{Message: name + " is not enabled"}), nil
	}
	problem := provider(at.Config).problem()
	return api.Data(sentEvent{problem == "", problem}), nil
}

// problem returns why events cannot be delivered, "" if they can.
func (p providerConfig) problem() string {
	switch p.Provider {
	case "Sentry":
		dsn, err := url.Parse(p.DSN) // https://<key>@<host>/<project>
		if err != nil || dsn.Host == "" || dsn.User.Username() == "" || strings.Trim(dsn.Path, "/") == "" {
			return "Invalid Sentry DSN"
		}
	case "Datadog":
		if p.APIKey == "" || p.APIKey == model.EncryptedMask {
			return "Datadog answered 403: Forbidden"
		}
	}
	return ""
}
