package redact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

func TestNamesOfSecrets(t *testing.T) {
	for _, name := range []string{
		"password", "Password", "PASSWORD", "dbPassword", "DB_PASSWORD", "dbpassword", "basic_password", "password_hash", "passwd", "pwd",
		"secret", "clientSecret", "client-secret", "oauth2_client_secret", "secrets", "secret_value", "SECRET_KEY_BASE64",
		"token", "accessToken", "refresh_token", "X-Auth-Token", "bearer_token", "oauth1_token_key", "accesstoken",
		"api_key", "apiKey", "APIKEY", "API_KEY", "x-api-key", "X-Api-Key", "private_key", "privateKey", "private_key_pem", "secretAccessKey",
		"secret_access_key", "access_key_id", "amazon_access_key_id", "azure_storage_account_key", "ldap_server_key", "client_key", "ssh_key",
		"private_key_passphrase", "credentials", "connection_string", "connectionString", "connection_uri", "database_url", "dsn", "authorization", "Authorization",
		"cookie", "Set-Cookie", "jwt", "pass", "db_pass", "passwords", "access_tokens", "password2", "api_key_2", "token1", "password_confirmation",
		"secret_key_base", "session_key", "hmac_key", "subscription_key", "masterkey", "encryptionkey", "creds", "x-functions-key", "invite_link", "inviteLink", "magic_link", "conn_str", "session_id",
	} {
		require.True(t, redact.SecretName(name), name)
	}
	for _, name := range []string{
		"", "id", "name", "email", "key", "keys", "public_key", "primary_key", "sort_key", "jwt_email_key", "jwt_roles_key", "private_key_name", "token_url",
		"oauth2_access_token_url", "oidc_token_url", "access_token_id", "accessTokenId", "next_token", "oauth2_client_id", "auth0_client_id", "oauth2_access_token_lifespan_seconds",
		"two_factor_auth_enabled", "disable_email_password_login", "use_basic_auth", "verify_session_action_enabled", "cookies_to_forward",
		"password_expires_at", "secret_name", "token_count", "author", "tokens", "keyword", "monkey", "secretary", "url", "host", "description", "environment_id", "metadata",
		"page_token", "nextToken", "continuation_token", "storage_key", "service_key", "server_key", "pin", "values", "value", "default_value", "last4", "scopes",
	} {
		require.False(t, redact.SecretName(name), name)
	}
}
