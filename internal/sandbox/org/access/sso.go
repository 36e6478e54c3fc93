package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// ssoSecrets are the settings that answers show encrypted.
var ssoSecrets = []string{"google_client_secret", "oidc_client_secret", "ldap_server_key", "ldap_server_certificate"}

// encryptedCanary is part of every encrypted setting.
const encryptedCanary = "__RETOOL_ENCRYPTED_JSON__"

func getSSOConfig(o *model.Org, _ *api.Call) (api.Answer, error) {
	if model.IsNull(o.SSO) {
		return api.Answer{}, api.Errorf(http.StatusNotFound, "SSO configuration does not exist")
	}
	return ssoAnswer(o)
}

type createSSOConfigBody struct {
	Data jsontext.Value `json:"data"`
}

// createSSOConfig replaces the former settings.
func createSSOConfig(o *model.Org, _ *api.Call, body createSSOConfigBody) (api.Answer, error) {
	o.SSO = body.Data
	return ssoAnswer(o)
}

// deleteSSOConfig succeeds if nothing is set.
func deleteSSOConfig(o *model.Org, _ *api.Call) (api.Answer, error) {
	o.SSO = nil
	return api.Empty(), nil
}

// ssoAnswer shows the settings with their secrets encrypted.
func ssoAnswer(o *model.Org) (api.Answer, error) {
	settings := map[string]jsontext.Value{}
	if err := json.Unmarshal(o.SSO, &settings); err != nil {
		return api.Answer{}, err
	}
	for _, field := range ssoSecrets {
		var secret string
		if err := json.Unmarshal(settings[field], &secret); err != nil || secret == "" {
			continue // not in this kind of settings
		}
		shown, err := json.Marshal(encrypted(o, secret))
		if err != nil {
			return api.Answer{}, err
		}
		settings[field] = shown
	}
	shown, err := json.Marshal(settings, json.Deterministic(true))
	return api.Data(jsontext.Value(shown)), err
}

// encrypted returns the text shown for a secret: the same for the same secret of an
// organization, and irreversible. A client that writes it back loses the secret;
// the text is then shown as it is.
func encrypted(o *model.Org, secret string) string {
	if strings.Contains(secret, encryptedCanary) {
		return secret
	}
	key := binary.LittleEndian.AppendUint64([]byte(o.ID), o.Seed)
	keyHash := sha256.Sum256(key)
	code := hmac.New(sha256.New, key)
	code.Write([]byte(secret))
	return fmt.Sprintf(`{"canaryValue":%q,"methodVersion":2,"encryptionKeyHash":%q,"encryptedValue":%q}`,
		encryptedCanary, hex.EncodeToString(keyHash[:]), base64.StdEncoding.EncodeToString(code.Sum(nil)))
}
