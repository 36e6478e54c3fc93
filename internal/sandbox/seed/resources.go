package seed

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) resources() {
	for i := range b.sizes.Resources {
		c := plannedConnection(i)
		created := b.spread(i, b.sizes.Resources)
		r := &model.Resource{
			ID: b.UUID(), Type: c.Kind, DisplayName: c.Name, CreatedAt: created, UpdatedAt: b.since(created),
			Protected: c.Folder == "Finance" || i == 0,
		}
		if c.Folder != "" {
			r.FolderID = new(b.folderOr("resource", c.Folder))
		}
		b.Resources.Put(r)
		b.resourceNamed[r.DisplayName] = r.ID
		if !c.Unused {
			b.used = append(b.used, r.ID)
		}
		for _, e := range b.stages {
			b.Configurations.Put(&model.Configuration{
				ID: b.UUID(), ResourceID: r.ID, EnvironmentID: e.ID, Options: b.options(c, e),
				CreatedAt: max(created, e.CreatedAt), UpdatedAt: b.since(max(created, e.CreatedAt)),
			})
		}
	}
}

// folderOr returns the folder with a path, or the root of its type if the
// organization is too small to have it.
func (b *builder) folderOr(kind, path string) string {
	if id, ok := b.folderNamed[kind+below+path]; ok {
		return id
	}
	return model.Root(kind)
}

func plannedConnection(i int) connection {
	if i < len(plan().Resources) {
		return plan().Resources[i]
	}
	i -= len(plan().Resources)
	c, shop := plan().StoreResources[i%len(plan().StoreResources)], i/len(plan().StoreResources)
	store := plan().Stores[shop%len(plan().Stores)]
	c.Name = store.City + " " + c.Name + again(shop/len(plan().Stores))
	c.Host = strings.ToLower(store.Code) + "-" + strconv.Itoa(i)
	return c
}

// inPlace replaces {env} and {zone} in a text.
func (b *builder) inPlace(text string, e *model.Environment) string {
	return strings.NewReplacer("{env}", e.Name, "{zone}", b.zone).Replace(text)
}

// options returns the options of a resource in one environment, in the shape of its
// type.
func (b *builder) options(c connection, e *model.Environment) jsontext.Value {
	switch c.Kind {
	case "postgresql", "mysql", "redshift":
		return object(map[string]any{"database_options": b.database(c, e)})
	case "snowflake":
		return b.snowflake(c, e)
	case "restapi":
		return b.rest(c, e)
	case "grpc":
		return object(map[string]any{
			"service_name": c.Database, "proto_source": "reflection", "max_receive_message_length": "4194304",
			"metadata": [][]string{{"x-env", e.Name}}, "authentication_options": b.authentication(c, e),
		})
	case "azureBlob":
		return object(map[string]any{"authentication_options": b.authentication(c, e)})
	default:
		return jsontext.Value("{}")
	}
}

// database returns the options of a database. Production and staging share a host.
func (b *builder) database(c connection, e *model.Environment) map[string]any {
	host, name := c.Host+"."+b.zone, c.Database
	if e.Name != "production" {
		name += "_" + strings.ReplaceAll(e.Name, "-", "_")
	}
	if !slices.Contains([]string{"production", "staging"}, e.Name) {
		host = "db-" + e.Name + "." + b.zone
	}
	user, password := "retool_"+c.Database, b.secret(map[string]string{"postgresql": "pg-", "mysql": "my-", "redshift": "rs-"}[c.Kind], 20)
	if c.Variant == "connection_string" {
		return map[string]any{"connection_string": "postgres://" + user + ":" + password + "@" + host + ":5432/" + name + "?sslmode=require"}
	}
	return map[string]any{
		"host": host, "port": map[string]string{"postgresql": "5432", "mysql": "3306", "redshift": "5439"}[c.Kind],
		"name": name, "username": user, "password": password,
		"ssl_settings": map[string]any{"enabled": e.Name == "production"}, "show_write_gui_only": e.Name == "production",
	}
}

func (b *builder) snowflake(c connection, e *model.Environment) jsontext.Value {
	return object(map[string]any{
		"account_identifier": "northwind-" + e.Name,
		"user_role":          "RETOOL_" + c.Database,
		"database_options":   map[string]any{"name": c.Database, "schema": "PUBLIC", "warehouse": "RETOOL_XS"},

		"authentication_options": b.authentication(c, e),
	})
}

func (b *builder) rest(c connection, e *model.Environment) jsontext.Value {
	base := "https://" + c.Host + "." + b.zone + "/v2"
	headers := [][]string{{"Accept", "application/json"}}
	if e.Name != "production" {
		base = "https://" + c.Host + "." + e.Name + "." + b.zone + "/v2"
		headers = append(headers, []string{"X-Northwind-Env", e.Name})
	}
	return object(map[string]any{"base_url": base, "headers": headers, "authentication_options": b.authentication(c, e)})
}

// authentication returns the credentials for a service.
func (b *builder) authentication(c connection, e *model.Environment) map[string]any {
	fields := map[string]any{}
	switch c.Variant {
	case "bearer":
		fields["bearer_token"] = b.secret("tok-", 32)
	case "basic":
		fields["basic_username"], fields["basic_password"] = "retool-"+e.Name, b.secret("pw-", 20)
	case "digest":
		fields["digest_username"], fields["digest_password"] = "NORTHWIND", b.secret("dg-", 20)
	case "snowflake":
		fields["username"], fields["password"] = "RETOOL", b.secret("sf-", 20)
	case "snowflake_jwt":
		fields["username"], fields["private_key"] = "RETOOL_FINANCE", b.privateKey()
		fields["private_key_passphrase"] = b.secret("pp-", 16)
	case "oauth1":
		fields["oauth1_signature_method"], fields["oauth1_realm_parameter"] = "HMAC-SHA256", "erp"
		fields["oauth1_consumer_key"], fields["oauth1_consumer_secret"] = b.secret("ck", 12), b.secret("cs-", 28)
		fields["oauth1_token_key"], fields["oauth1_token_secret"] = b.secret("tk", 12), b.secret("ts-", 28)
	case "oauth2":
		fields["oauth2_client_id"], fields["oauth2_client_secret"] = "northwind-"+e.Name, b.secret("oc-", 32)
		if c.Kind == "restapi" {
			fields["oauth2_auth_url"] = "https://login." + b.zone + "/authorize"
			fields["oauth2_access_token_url"] = "https://login." + b.zone + "/token"
			fields["oauth2_scope"], fields["oauth2_share_user_credentials"] = "partners.read partners.write", true
			fields["oauth2_access_token"], fields["oauth2_refresh_token"] = b.secret("at-", 40), b.secret("rt-", 40)
		}
	case "auth0":
		fields["auth0_domain"], fields["auth0_custom_audience"] = "northwind.auth.example", "https://"+c.Host+"."+b.zone
		fields["auth0_client_id"], fields["auth0_client_secret"] = b.secret("", 16), b.secret("a0-", 40)
	case "aws4":
		fields["amazon_aws_region"], fields["amazon_service_name"] = "eu-north-1", "ce"
		fields["amazon_access_key_id"], fields["amazon_secret_access_key"] = b.secret("ak", 18), b.secret("sk-", 37)
	case "azure_identity":
		fields["azureid_tenant_id"], fields["azureid_client_id"] = b.UUID(), b.UUID()
		fields["azureid_client_secret"], fields["auth_with_default_credential_provider_chain"] = b.secret("az-", 34), false
		if c.Kind == "azureBlob" {
			fields["azure_blob_account_name"], fields["azure_blob_default_container_name"] = "northwind"+strings.ReplaceAll(e.Name, "-", ""), c.Database
		}
	case "azure_storage_shared_key":
		account := "northwind" + strings.ReplaceAll(e.Name, "-", "")
		fields["azure_storage_account_name"], fields["azure_storage_url"] = account, "https://"+account+".blob.storage.example"
		fields["azure_storage_account_key"], fields["azure_blob_default_container_name"] = b.secret("", 64), c.Database
	}
	fields["authentication_type"] = c.Variant
	return fields
}
