package resources

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// getObservabilityConfig answers a list, or 404 as long as nothing is set up.
func getObservabilityConfig(o *model.Org, _ *api.Call) (api.Answer, error) {
	if o.Observability.Len() == 0 {
		return api.Answer{}, api.Errorf(http.StatusNotFound, "Observability configuration does not exist")
	}
	return api.Data(api.Views(&o.Observability, nil, itself)), nil
}

// createObservabilityConfig takes one configuration for each provider.
func createObservabilityConfig(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Config  jsontext.Value `json:"config"`
		Enabled bool           `json:"enabled"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := checkProvider(o, body.Config, nil); err != nil {
		return api.Answer{}, err
	}
	at := &model.Observability{ID: o.UUID(), Config: body.Config, Enabled: body.Enabled}
	o.Observability.Put(at)
	return api.Data(at), nil
}

// replaceObservabilityConfig changes what the body has, and keeps the rest.
func replaceObservabilityConfig(o *model.Org, c *api.Call) (api.Answer, error) {
	at, err := observabilityInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	var body struct {
		Config  jsontext.Value `json:"config"`
		Enabled *bool          `json:"enabled"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if !model.IsNull(body.Config) {
		if err := checkProvider(o, body.Config, at); err != nil {
			return api.Answer{}, err
		}
		at.Config = body.Config
	}
	if body.Enabled != nil {
		at.Enabled = *body.Enabled
	}
	return api.Data(at), nil
}

func deleteObservabilityConfig(o *model.Org, c *api.Call) (api.Answer, error) {
	at, err := observabilityInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	o.Observability.Delete(at.ID)
	return api.Empty(), nil
}

// observabilityInPath fails with 422 where nothing is set up at all, as it is
// documented, and with 404 where only the id is wrong.
func observabilityInPath(o *model.Org, c *api.Call) (*model.Observability, error) {
	if o.Observability.Len() == 0 {
		return nil, api.Unprocessable("No observability configuration exists")
	}
	return api.InPath(c, &o.Observability, "configId", "Observability configuration")
}

// providerConfig is what of a configuration decides whether events get through.
type providerConfig struct {
	Provider string `json:"provider"`
	DSN      string `json:"dsn"`
	APIKey   string `json:"api_key"`
}

// provider is what a configuration says of its provider, nothing where that is
// unreadable.
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

// checkProvider refuses a configuration for a provider that has one other than
// self.
func checkProvider(o *model.Org, config jsontext.Value, self *model.Observability) error {
	name := provider(config).Provider
	if at, ok := configured(o, name); ok && at != self {
		return api.Unprocessable("Observability configuration for %s already exists", name)
	}
	return nil
}

// sentEvent says whether a test event got through, and if not, why.
type sentEvent struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitzero"`
}

// testObservabilityProvider sends nothing anywhere. It reports what would become
// of an event: a mask that was stored as the key shows here.
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

// problem is why events cannot get through, "" if they can.
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
