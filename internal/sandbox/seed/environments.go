package seed

import (
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// moreEnvironments come after production and staging.
var moreEnvironments = []struct{ name, description, color string }{
	{"development", "Laptops and previews; data is made up", "#2E9F64"},
	{"qa", "", "#8A63D2"},
	{"load-test", "Scaled down at night", "#C2410C"},
	{"preview-eu", "", "#0EA5E9"},
}

func (b *builder) environments() {
	for i := range b.sizes.Environments - b.Environments.Len() {
		e := model.Environment{ID: b.UUID(), Name: "env-" + strconv.Itoa(i+3), Color: "#64748B", CreatedAt: b.spread(i, b.sizes.Environments)}
		if i < len(moreEnvironments) {
			more := moreEnvironments[i]
			e.Name, e.Description, e.Color = more.name, optional(more.description), more.color
		}
		e.UpdatedAt = b.since(e.CreatedAt)
		b.Environments.Put(&e)
	}
	for e := range b.Environments.All() {
		if e.Default {
			e.Description = new("What customers see")
		}
		b.stages = append(b.stages, e)
	}
}

// variable is a configuration variable; a value may have {env} and {zone} in it.
type variable struct {
	name, description string
	secret            bool
	value             string
	standard          string // for environments without a value, which only production has then
}

// plannedVariables stand in the order in which a smaller organization has them.
var plannedVariables = []variable{
	{name: "API_BASE_URL", description: "Where the shop's own services are", value: "https://api.{env}.{zone}"},
	{name: "PAYMENTS_API_KEY", description: "Key of the payment provider", secret: true, value: "pk-{env}-"},
	{name: "SUPPORT_INBOX", value: "support+{env}@northwind.example"},
	{name: "SHIPPING_WEBHOOK_SECRET", secret: true, value: "whsec-"},
	{name: "FEATURE_LIFETIME_WARRANTY", value: "true", standard: "false"},
	{name: "ORDERS_PAGE_SIZE", value: "50", standard: "20"},
	{name: "SNOWFLAKE_PASSWORD", description: "Read only role", secret: true, value: "sf-"},
	{name: "DEFAULT_CURRENCY", value: "NOK", standard: "EUR"},
	{name: "WAREHOUSE_TIMEZONE", value: "Europe/Oslo"},
	{name: "REFUND_LIMIT_EUR", description: "Above it Finance approves", value: "250"},
	{name: "LOG_LEVEL", value: "warn", standard: "debug"},
	{name: "SEARCH_INDEX", value: "products-{env}"},
	{name: "MAIL_FROM", value: `"Northwind Outfitters" <hello@northwind.example>`},
	{name: "JWT_SIGNING_KEY", description: "Signs links that customers get by mail", secret: true, value: "hs-"},
	{name: "S3_BUCKET", value: "northwind-{env}-assets"},
	{name: "CARRIER_SANDBOX", value: "false", standard: "true"},
	{name: "STORE_GREETING", description: "Shown on tills", value: "Velkommen · ようこそ · أهلاً وسهلاً"},
	{name: "ERP_PASSWORD", description: "Of the old ERP, until it is gone", secret: true, value: "erp-"},
	{name: "MAP_TILE_URL", value: "https://tiles.{env}.{zone}/{z}/{x}/{y}.png"},
	{name: "ONCALL_CHANNEL", value: "#oncall-{env}"},
}

func (b *builder) variables() {
	planned := plannedVariables
	if b.space {
		planned = planned[:6]
	}
	for _, p := range planned {
		v := model.Variable{
			ID: b.UUID(), Name: p.name, Description: optional(p.description), Secret: p.secret,
			Values: []model.VariableValue{}, DefaultValue: optional(p.standard),
		}
		for i, e := range b.stages {
			if p.standard != "" && i > 0 {
				break
			}
			value := b.inPlace(p.value, e)
			if p.secret {
				value = b.secret(value, 24)
			}
			v.Values = append(v.Values, model.VariableValue{EnvironmentID: e.ID, Value: value})
		}
		b.Variables.Put(&v)
	}
}

func (b *builder) observability() {
	b.Observability.Put(&model.Observability{ID: b.UUID(), Enabled: true, Config: object(map[string]any{
		"provider": "Sentry",
		"dsn":      "https://" + b.secret("", 32) + "@errors." + b.zone + "/4501",
		"ca_certs": []string{},
	})})
	b.Observability.Put(&model.Observability{ID: b.UUID(), Enabled: false, Config: object(map[string]any{
		"provider": "Datadog", "api_key": b.secret("dd-", 32), "site": "EU1",
	})})
}
